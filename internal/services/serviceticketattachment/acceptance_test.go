package serviceticketattachment_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const (
	plan   = "vdam_service_ticket_attachment.plan"
	ticket = `
resource "vdam_service_ticket" "capacity" {
  type        = "change"
  subject     = "Jauda"
  description = "12 mašīnas"
  severity    = "minor"
}
`
)

func attachment(filename, more string) string {
	return fmt.Sprintf(`
resource "vdam_service_ticket_attachment" "plan" {
  ticket_id = vdam_service_ticket.capacity.id
  filename  = %q
%s}
`, filename, more)
}

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(plan, action)}}
}

// has checks the ticket's files at the desk, as "name: content", oldest first.
func has(t *testing.T, env *acctest.Env, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got := []string{}
		last := env.Desk(t, "lvrtc").Last("Jauda")
		for _, a := range last.Attachments {
			content, err := env.Box.Agent("lvrtc").File(context.WithoutCancel(t.Context()), last.Id, a.Id)
			if err != nil {
				return err
			}
			got = append(got, a.Name+", "+a.ContentType+": "+string(content))
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the ticket has the files\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	}
}

func attributes(filename, contentType, content string, more map[string]knownvalue.Check) statecheck.StateCheck {
	sum := sha256.Sum256([]byte(content))
	all := map[string]knownvalue.Check{
		"id": knownvalue.StringRegexp(regexp.MustCompile(`^lvrtc/tkt-[0-9a-f-]+/file-\d+$`)), "ticket_id": acctest.ID("lvrtc"),
		"filename": knownvalue.StringExact(filename), "content_type": knownvalue.StringExact(contentType),
		"sha256": knownvalue.StringExact(hex.EncodeToString(sum[:])), "size_bytes": knownvalue.Int64Exact(int64(len(content))),
		"source": knownvalue.Null(), "content_base64": knownvalue.Null(),
	}
	for name, check := range more {
		all[name] = check
	}
	return acctest.Attributes(plan, all)
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	source := func(path string) (string, map[string]knownvalue.Check) {
		return fmt.Sprintf("  source = %q\n", path), map[string]knownvalue.Check{"source": knownvalue.StringExact(path)}
	}
	first := file("plan.txt", "Plāns")
	fromFirst, firstSource := source(first)
	fromOther, otherSource := source(file("same.txt", "Cits plāns"))
	inline := base64.StdEncoding.EncodeToString([]byte("Cits plāns"))
	const asText = "text/plain; charset=utf-8"
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	two := []string{"plan.txt, " + asText + ": Plāns", "plan.txt, " + asText + ": Cits plāns"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Desk(t, "lvrtc").Stands("Jauda: cancelled"),
		Steps: []resource.TestStep{
			{
				Config:            env.DeskConfig(ticket + attachment("plan.txt", fromFirst)),
				ConfigPlanChecks:  plans(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{attributes("plan.txt", asText, "Plāns", firstSource), other.AddStateValue(plan, id)},
				Check:             has(t, env, two[0]),
			},
			{
				PreConfig:        func() { file("plan.txt", "Cits plāns") },
				Config:           env.DeskConfig(ticket + attachment("plan.txt", fromFirst)),
				ConfigPlanChecks: plans(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					attributes("plan.txt", asText, "Cits plāns", firstSource), other.AddStateValue(plan, id), same.AddStateValue(plan, id),
				},
				Check: has(t, env, two...),
			},
			{
				// The same content from elsewhere.
				Config:           env.DeskConfig(ticket + attachment("plan.txt", fromOther)),
				ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					attributes("plan.txt", asText, "Cits plāns", otherSource), same.AddStateValue(plan, id),
				},
				Check: has(t, env, two...),
			},
			{
				Config:           env.DeskConfig(ticket + attachment("plan.txt", fmt.Sprintf("  content_base64 = %q\n", inline))),
				ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					attributes("plan.txt", asText, "Cits plāns", map[string]knownvalue.Check{"content_base64": knownvalue.StringExact(inline)}),
					same.AddStateValue(plan, id),
				},
				Check: has(t, env, two...),
			},
			{
				Config: env.DeskConfig(ticket + attachment("plan.bin", "  content_base64 = \"AAEC\"\n  content_type = "+
					"\"application/x-plan\"\n")),
				ConfigPlanChecks: plans(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					attributes("plan.bin", "application/x-plan", "\x00\x01\x02",
						map[string]knownvalue.Check{"content_base64": knownvalue.StringExact("AAEC")}),
				},
				Check: has(t, env, append(two, "plan.bin, application/x-plan: \x00\x01\x02")...),
			},
		},
	})
}

// TestAcceptanceOnce loses the answer: the file is found, and not attached again.
func TestAcceptanceOnce(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	err := env.Box.AddFault(sandbox.Fault{Method: "POST", Path: "/attachments$", After: true, Reset: true})
	if err != nil {
		t.Fatal(err)
	}
	config := env.DeskConfig(ticket + attachment("", "  content_base64 = base64encode(vdam_service_ticket.capacity.number)\n"))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{{
			Config: strings.Replace(config, `""`, "vdam_service_ticket.capacity.number", 1), // Known only when it is filed.
			Check: func(s *terraform.State) error {
				number := env.Desk(t, "lvrtc").Last("Jauda").Number
				return has(t, env, number+", application/octet-stream: "+number)(s)
			},
		}},
	})
}

// TestAcceptanceChangedMeanwhile changes the file between plan and apply. Terraform plans once more when it applies, and
// refuses itself, in words of its own, what is not as it was planned: the file is not attached.
func TestAcceptanceChangedMeanwhile(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	path := filepath.Join(t.TempDir(), "plan.txt")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Plāns")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{
			{Config: env.DeskConfig(ticket)},
			{
				Config: env.DeskConfig(ticket + attachment("plan.txt", fmt.Sprintf("  source = %q\n", path))),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					between(func() { write("Cits plāns") }),
				}},
				ExpectError: acctest.Words("Error: Provider produced inconsistent final plan", "expanding the plan for "+plan, ".sha256: was"),
			},
			{Config: env.DeskConfig(ticket), Check: has(t, env)},
		},
	})
}

// between runs something between a plan and its apply.
type between func()

// CheckPlan implements plancheck.PlanCheck.
func (b between) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	b()
}
