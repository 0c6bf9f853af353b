package provider_test

import (
	"testing"

	"pgregory.net/rapid"
)

// keeper is the operator that keeps what another one backs up. The third operator of the sandbox has no backups.
var keeper = map[string]string{"lvrtc": "iem-ic", "iem-ic": "lvrtc"}

func drawBackedUp(g *grounds, t *rapid.T) object {
	return set(drawNamed(g, t), "operator", rapid.SampledFrom([]string{"lvrtc", "iem-ic"}).Draw(t, "operator"))
}

// days draws at least so many.
func days(t *rapid.T, least int, what string) int {
	return rapid.IntRange(least, least+60).Draw(t, what)
}

func drawVault(g *grounds, t *rapid.T) object {
	o, locked := drawBackedUp(g, t), days(t, 1, "days")
	o["immutability"] = object{"mode": rapid.SampledFrom([]string{"governance", "compliance"}).Draw(t, "mode"), "days": locked}
	o["retention_days"], o["quota_gib"] = days(t, locked, "retention"), maybe(t, rapid.IntRange(1, 4096), "quota")
	o["beneficiary"], o["deletion_protection"] = drawBeneficiary(t), protection.Draw(t, "protection")
	return o
}

func drawBeneficiary(t *rapid.T) any {
	return maybe(t, rapid.SampledFrom([]string{"lnb", "lvrtc"}), "beneficiary")
}

func locked(config object) int { return config["immutability"].(object)["days"].(int) }

// keepsShorter reports whether a vault is to keep things for fewer days, of which a plan warns.
func keepsShorter(config, changed object) bool {
	is, _ := config["retention_days"].(int)
	next, _ := changed["retention_days"].(int)
	return next < is
}

var vaultChanges = withNamed(map[string]func(*grounds, *rapid.T, object) object{
	"immutability.days": func(_ *grounds, t *rapid.T, config object) object {
		longer := days(t, locked(config), "days")
		return object{
			"immutability": set(config["immutability"].(object), "days", longer), "retention_days": max(config["retention_days"].(int), longer),
		}
	},
	"immutability.mode": func(_ *grounds, _ *rapid.T, config object) object {
		return object{"immutability": set(config["immutability"].(object), "mode", "compliance")}
	},
	"retention_days": func(_ *grounds, t *rapid.T, config object) object {
		return object{"retention_days": days(t, locked(config), "retention")}
	},
	"quota_gib":           redrawn("quota_gib", func(t *rapid.T) any { return rapid.IntRange(1, 4096).Draw(t, "quota") }),
	"quota_gib, left out": leftOut("quota_gib"),
	"beneficiary":         redrawn("beneficiary", drawBeneficiary),
	"deletion_protection": redrawn("deletion_protection", func(t *rapid.T) any { return rapid.Bool().Draw(t, "protection") }),
})

func furnishPlans(g *grounds, t *testing.T, operator string) {
	t.Helper()
	if keeper[operator] == "" {
		return
	}
	for _, name := range []string{"standing-v-1", "standing-v-2"} {
		g.stand(t, operator, "vdam_storage_volume", object{"name": name, "size_gib": 8})
	}
	g.stand(t, operator, "vdam_backup_vault", object{
		"name": "standing", "immutability": object{"mode": "governance", "days": 7}, "retention_days": 31,
	})
}

func drawSources(g *grounds, t *rapid.T, operator string) []any {
	one, two := g.made[operator]["standing-v-1"], g.made[operator]["standing-v-2"]
	return rapid.SampledFrom([][]any{{one}, {two}, {one, two}}).Draw(t, "sources")
}

// What may be drawn: no schedule runs while a test does, and no RPO is too short for any of them.
var (
	someSchedule  = rapid.SampledFrom([]string{"0 2 29 2 *", "15 4 1 1 *", "59 23 31 12 *"})
	someRetention = rapid.SampledFrom([]string{"720h", "240h", "24h30m", "1h0m1s"})
	someRPO       = rapid.SampledFrom([]string{"36000h", "70000h"})

	someConsistency = rapid.SampledFrom([]string{"crash", "stopped"})
)

func drawPlan(g *grounds, t *rapid.T) object {
	o := drawBackedUp(g, t)
	operator := o["operator"].(string)
	o["sources"], o["vault_id"] = drawSources(g, t, operator), g.made[keeper[operator]]["standing"]
	o["schedule"], o["rpo"] = maybe(t, someSchedule, "schedule"), maybe(t, someRPO, "rpo")
	o["retention"], o["paused"] = someRetention.Draw(t, "retention"), maybe(t, rapid.Bool(), "paused")
	o["consistency"] = maybe(t, someConsistency, "consistency")
	o["encryption_key_wo"], o["encryption_key_wo_version"] = backupKey, maybe(t, rapid.IntRange(0, 5), "version")
	return o
}

var planChanges = withNamed(map[string]func(*grounds, *rapid.T, object) object{
	"sources": func(g *grounds, t *rapid.T, config object) object {
		return object{"sources": drawSources(g, t, config["operator"].(string))}
	},
	"schedule":                  redrawn("schedule", func(t *rapid.T) any { return someSchedule.Draw(t, "schedule") }),
	"schedule, left out":        leftOut("schedule"),
	"retention":                 redrawn("retention", func(t *rapid.T) any { return someRetention.Draw(t, "retention") }),
	"rpo":                       redrawn("rpo", func(t *rapid.T) any { return someRPO.Draw(t, "rpo") }),
	"rpo, left out":             leftOut("rpo"),
	"paused":                    redrawn("paused", func(t *rapid.T) any { return rapid.Bool().Draw(t, "paused") }),
	"consistency":               redrawn("consistency", func(t *rapid.T) any { return someConsistency.Draw(t, "consistency") }),
	"encryption_key_wo_version": redrawn("encryption_key_wo_version", func(t *rapid.T) any { return rapid.IntRange(0, 5).Draw(t, "version") }),
})
