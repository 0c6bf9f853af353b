package tmf621

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func newOrder() servicedesk.NewTicket {
	return servicedesk.NewTicket{Type: servicedesk.TypeServiceRequest, Key: "some-key", Content: servicedesk.Content{
		Subject: "Twelve machines", Requester: "who@agency.test", Watchers: []string{"a@x.test"}, Project: "cadastre",
		AffectedResources: []string{"b/2", "a/1"}, RequestedResolutionAt: time.Date(2026, 12, 1, 14, 30, 0, 9, time.FixedZone("", 7200)),
		Links: []servicedesk.Link{{Type: servicedesk.LinkParent, Target: "5"}, {Type: servicedesk.LinkRefersTo, Target: "https://git.test/x"}},
	}}
}

func TestCreate(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.on(http.MethodPost, "", says(201, `{"id":3180,"href":"x"}`))
	n := newOrder()
	n.Fields = map[string]string{"Impact": "one office"}
	id, err := d.Create(t.Context(), n)
	must(t, err)
	calls := f.calls()
	if id != "3180" || len(calls) != 1 || calls[0].media != "application/json" || len(calls[0].query) > 0 {
		t.Fatalf("it was filed as %q by %+v", id, calls)
	}
	party := func(role, id string) object {
		return object{"@type": "RelatedPartyRefOrPartyRoleRef", "role": role, "partyOrPartyRole": object{
			"@type": "PartyRef", "id": id, "name": id, "@referredType": "Individual",
		}}
	}
	entity := func(role, id, what string) object {
		return object{"@type": "RelatedEntity", "role": role, "entity": object{"@type": "EntityRef", "id": id, "name": id, "@referredType": what}}
	}
	address := entity("reference", "https://git.test/x", "URI")
	address["entity"].(object)["href"] = "https://git.test/x"
	same(t, "the ticket", calls[0].object(t), object{
		"@type": "TroubleTicket", "name": "Twelve machines", "description": "Twelve machines", "severity": "Minor",
		"ticketType": "serviceRequest", "requestedResolutionDate": "2026-12-01T12:30:00Z",
		"externalIdentifier": []any{object{
			"@type": "ExternalIdentifier", "owner": "terraform-provider-vdam", "externalIdentifierType": "vdam-unclaimed", "id": "some-key",
		}},
		"relatedEntity": []any{
			entity("project", "cadastre", "Project"), entity("affectedResource", "a/1", "Resource"),
			entity("affectedResource", "b/2", "Resource"), address,
		},
		"relatedParty":              []any{party("watcher", "a@x.test"), party("originator", "agency"), party("reporter", "who@agency.test")},
		"troubleTicketRelationship": []any{object{"@type": "TroubleTicketRelationship", "id": "5", "relationshipType": "isChild"}},
		"troubleTicketCharacteristic": []any{
			object{"@type": "StringCharacteristic", "name": "Impact", "valueType": "string", "value": "one office"},
		},
	})
}

func TestCreateInV4(t *testing.T) {
	f := newFake(t, v4)
	d := f.open(t)
	f.on(http.MethodPost, "", says(201, `{"id":"3180"}`))
	n := newOrder()
	_, err := d.Create(t.Context(), n)
	must(t, err)
	same(t, "the ticket", f.writes()[0].object(t), object{
		"name": "Twelve machines", "description": "Twelve machines", "severity": "Minor", "ticketType": "serviceRequest",
		"requestedResolutionDate": "2026-12-01T12:30:00Z", "externalId": "vdam-unclaimed:some-key",
		"relatedEntity": []any{
			object{"role": "project", "id": "cadastre", "name": "cadastre", "@referredType": "Project"},
			object{"role": "affectedResource", "id": "a/1", "name": "a/1", "@referredType": "Resource"},
			object{"role": "affectedResource", "id": "b/2", "name": "b/2", "@referredType": "Resource"},
			object{
				"role": "reference", "id": "https://git.test/x", "name": "https://git.test/x", "href": "https://git.test/x", "@referredType": "URI",
			},
		},
		"relatedParty": []any{
			object{"role": "watcher", "id": "a@x.test", "name": "a@x.test", "@referredType": "Individual"},
			object{"role": "originator", "id": "agency", "name": "agency", "@referredType": "Individual"},
			object{"role": "reporter", "id": "who@agency.test", "name": "who@agency.test", "@referredType": "Individual"},
		},
		"troubleTicketRelationship": []any{object{"id": "5", "relationshipType": "isChild"}},
	})
	n.Fields = map[string]string{"Impact": "x"}
	_, err = d.Create(t.Context(), n)
	wantError(t, err, cloud.ErrInvalid, "no place")
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("it sent %+v", writes)
	}
}

// TestCreateOutcomes: what may have been done is never said not to have been, and is never done twice.
func TestCreateOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		id     servicedesk.ID
		reason error
		fields string
	}{
		"accepted":              {says(202, ""), "", cloud.ErrUnknownOutcome, ""},
		"accepted, with an id":  {says(202, `{"id":"7"}`), "7", nil, ""},
		"head alone":            {says(201, "<html>", "Location", "https://x.test/troubleTicket/7?x=1"), "7", nil, ""},
		"head of the list":      {says(201, "", "Location", "/api/troubleTicket"), "", cloud.ErrUnknownOutcome, ""},
		"nothing":               {says(201, ""), "", cloud.ErrUnknownOutcome, ""},
		"without an id":         {says(201, `{"name":"x"}`), "", cloud.ErrUnknownOutcome, ""},
		"impossible id":         {says(201, `{"id":"../7"}`), "", cloud.ErrUnknownOutcome, ""},
		"server's fault":        {says(500, `{"code":"1","reason":"Boom"}`), "", cloud.ErrUnknownOutcome, ""},
		"gateway's fault":       {says(504, "<html>"), "", cloud.ErrUnknownOutcome, ""},
		"broken":                {breaks, "", cloud.ErrUnknownOutcome, ""},
		"no right":              {says(403, `{"code":"1","reason":"No"}`), "", cloud.ErrForbidden, ""},
		"unknown resource":      {says(404, `{"code":"1","reason":"relatedEntity is not known"}`), "", cloud.ErrInvalid, ""},
		"wrong type":            {says(400, `{"code":"1","reason":"Bad","message":"ticketType is not known"}`), "", cloud.ErrInvalid, "/type"},
		"wrong date":            {says(422, `{"code":"requestedResolutionDate","reason":""}`), "", cloud.ErrInvalid, "/requested_resolution_at"},
		"wrong characteristic":  {says(400, `{"code":"1","reason":"Bad 'Cost Centre'"}`), "", cloud.ErrInvalid, "/fields/Cost Centre"},
		"part of another word":  {says(400, `{"code":"1","reason":"renamed, Cost Centres"}`), "", cloud.ErrInvalid, ""},
		"refused without words": {says(400, ""), "", cloud.ErrInvalid, ""},
	} {
		f := newFake(t, v5)
		d := f.open(t)
		f.on(http.MethodPost, "", c.answer)
		n := newOrder()
		n.Fields = map[string]string{"Cost Centre": "x"}
		id, err := d.Create(t.Context(), n)
		if id != c.id || len(f.writes()) != 1 {
			t.Errorf("%s: it was filed as %q", name, id)
		}
		if c.reason == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		t.Log(name, err)
		wantError(t, err, c.reason)
		got := ""
		for _, field := range fieldsOf(err) {
			got += field.Pointer
		}
		if got != c.fields {
			t.Errorf("%s: it is about %q; want %q", name, got, c.fields)
		}
	}
}

func TestClaim(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	foreign := object{"id": "3331234", "owner": "Remedy", "externalIdentifierType": "Incident", "extra": 1.5}
	f.live(plain("7", object{"externalIdentifier": []any{foreign, keyed("vdam-unclaimed", "some-key")}}), true)
	for range 2 {
		must(t, d.Claim(t.Context(), "7", "some-key"))
	}
	writes := f.writes()
	if len(writes) != 1 || writes[0].media != mergePatch {
		t.Fatalf("it sent %+v", writes)
	}
	same(t, "the change", writes[0].object(t), object{"@type": "TroubleTicket", "externalIdentifier": []any{foreign, object{
		"@type": "ExternalIdentifier", "owner": "terraform-provider-vdam", "externalIdentifierType": "vdam", "id": "some-key",
	}}})
	unclaimed := object{"externalIdentifier": []any{keyed("vdam-unclaimed", "some-key")}}
	f.ticket(plain("7", unclaimed))
	wantError(t, d.Claim(t.Context(), "7", "some-key"), cloud.ErrForbidden, "did not take the key")
	f.on(http.MethodPatch, "/7", says(202, ""))
	wantError(t, d.Claim(t.Context(), "7", "some-key"), cloud.ErrUnknownOutcome)
	f.on(http.MethodGet, "/7", says(200, `{"id":"9","status":"held"}`))
	wantError(t, d.Claim(t.Context(), "7", "some-key"), cloud.ErrConflict, "merged into 9")
}

// TestUpdate leaves alone what is not its own.
func TestUpdate(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.live(plain("7", about), true)
	from, err := d.Get(t.Context(), "7")
	must(t, err)
	f.calls()
	must(t, d.Update(t.Context(), from, servicedesk.Change{}))
	severity, project, resources := servicedesk.SeverityCritical, "", []string{"c/3"}
	must(t, d.Update(t.Context(), from, servicedesk.Change{
		Severity: &severity, RequestedResolutionAt: new(time.Time), Project: &project, AffectedResources: &resources,
		AddWatchers: []string{"c@x.test"}, RemoveWatchers: []string{"B@x.test"},
		Fields: map[string]string{"amount": "41", "Impact": "", "odd": "x", "new": "y", "tags": "a, b"},
		AddLinks: []servicedesk.Link{
			{Type: servicedesk.LinkDependsOn, Target: "9"}, {Type: servicedesk.LinkDependsOn, Target: "10"},
			{Type: servicedesk.LinkParent, Target: "https://git.test/y"},
		},
		RemoveLinks: []servicedesk.Link{
			{Type: servicedesk.LinkParent, Target: "8"}, {Type: servicedesk.LinkRefersTo, Target: "https://git.test/x"},
		},
	}))
	writes := f.writes()
	if len(writes) != 1 || writes[0].media != mergePatch {
		t.Fatalf("it sent %+v", writes)
	}
	parties := about["relatedParty"].([]any)
	own := about["troubleTicketCharacteristic"].([]any)
	entities := about["relatedEntity"].([]any)
	link := d.version.entity("parent", "https://git.test/y", "URI")
	same(t, "the change", writes[0].object(t), object{
		"@type": "TroubleTicket", "severity": "Critical", "requestedResolutionDate": nil,
		"relatedEntity": []any{entities[3], "odd", d.version.entity("affectedResource", "c/3", "Resource"), link},
		"relatedParty":  []any{parties[0], parties[1], parties[3], parties[4], parties[5], d.version.party("watcher", "c@x.test")},
		"troubleTicketCharacteristic": []any{
			object{"name": "amount", "valueType": "number", "value": 41}, own[2], own[3], d.version.characteristic("odd", "x"),
			d.version.characteristic("new", "y"),
		},
		"troubleTicketRelationship": []any{
			object{"id": "5", "relationshipType": "supersedes"},
			d.version.relationship(servicedesk.Link{Type: servicedesk.LinkDependsOn, Target: "9"}),
			d.version.relationship(servicedesk.Link{Type: servicedesk.LinkDependsOn, Target: "10"}),
		},
	})
}

func TestUpdateRefused(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.ticket(plain("7"))
	from, err := d.Get(t.Context(), "7")
	must(t, err)
	c := servicedesk.Change{Subject: new("x")}
	f.ticket(plain("7", object{"lastUpdate": "2026-11-25T10:00:00.6Z"}))
	wantError(t, d.Update(t.Context(), from, c), cloud.ErrConflict, "after it was read")
	f.ticket(plain("8"))
	f.on(http.MethodGet, "/7", says(200, `{"id":"8","status":"held"}`))
	wantError(t, d.Update(t.Context(), from, c), cloud.ErrConflict, "merged into 8")
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("it sent %+v", writes)
	}
	f.on(http.MethodGet, "/7", says(200, `{"id":"7","status":"held"}`, "ETag", `W/"1"`))
	from, err = d.Get(t.Context(), "7")
	must(t, err)
	f.on(http.MethodPatch, "/7", says(202, ""))
	must(t, d.Update(t.Context(), from, c)) // What was only promised the engine compares.
	f.on(http.MethodPatch, "/7", says(400, `{"code":"1","reason":"name is too long"}`))
	err = d.Update(t.Context(), from, c)
	wantError(t, err, cloud.ErrInvalid, "name is too long.")
	if fields := fieldsOf(err); len(fields) != 1 || fields[0].Pointer != "/subject" {
		t.Errorf("it is about %+v", fields)
	}
	f.on(http.MethodGet, "/7", says(200, `{"id":"7","status":"held"}`, "ETag", `W/"2"`))
	wantError(t, d.Update(t.Context(), from, c), cloud.ErrConflict)
}

// TestMergePatchRefused falls back to a media type that every server knows, and stays with it.
func TestMergePatchRefused(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.ticket(plain("7"))
	f.on(http.MethodPatch, "/7", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != plainJSON {
			w.WriteHeader(http.StatusUnsupportedMediaType)
		}
	})
	for range 2 {
		must(t, d.Update(t.Context(), servicedesk.Ticket{ID: "7"}, servicedesk.Change{Subject: new("x")}))
	}
	var media []string
	for _, w := range f.writes() {
		media = append(media, w.media)
	}
	same(t, "the list of media types", media, []string{mergePatch, plainJSON, plainJSON})
}

// fieldsOf are what an error is about.
func fieldsOf(err error) []cloud.FieldError {
	var e *cloud.Error
	if !errors.As(err, &e) {
		return nil
	}
	return e.Fields
}
