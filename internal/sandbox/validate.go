package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// bodyLimit is the contract's for a request, fileBodyLimit for one with a file in it.
const (
	bodyLimit     = 1 << 20
	fileBodyLimit = 8 << 20
)

// loadContract reads the contract once for all sandboxes of a process.
var loadContract = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	return doc, nil
})

// route is the contract's operation for a request that has been matched.
func (s *operatorServer) route(r *http.Request) *routers.Route {
	method, path, _ := strings.Cut(r.Pattern, " ") // The method is GET for HEAD too.
	item := s.box.contract.Paths.Find(path)
	if item == nil {
		return nil
	}
	return &routers.Route{
		Spec: s.box.contract, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method),
	}
}

func validationInput(r *http.Request, route *routers.Route) *openapi3filter.RequestValidationInput {
	params := map[string]string{}
	for _, name := range []string{"project", "id"} {
		if v := r.PathValue(name); v != "" {
			params[name] = v
		}
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
}

// validated refuses what the contract does not allow, before anything is done.
func (s *operatorServer) validated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := s.route(r)
		if p := checkBody(r, route); p != nil {
			p.write(w)
			return
		}
		if p := checkQuery(r, route); p != nil {
			p.write(w)
			return
		}
		body, _ := io.ReadAll(r.Body) // It is in memory since checkBody.
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := openapi3filter.ValidateRequest(r.Context(), validationInput(r, route)); err != nil {
			s.ill(r, err).write(w)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// checkBody reads the body into memory and checks what a schema does not.
func checkBody(r *http.Request, route *routers.Route) *problem {
	limit := bodyLimit
	if route.Operation.OperationID == "CreateTicketAttachment" {
		limit = fileBodyLimit
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	if err != nil {
		return newProblem(http.StatusBadRequest, "invalid", "The body could not be read to its end.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) > limit {
		return newProblem(http.StatusRequestEntityTooLarge, "too-large", "The body is over %d bytes.", limit)
	}
	if route.Operation.RequestBody == nil {
		return nil
	}
	content := route.Operation.RequestBody.Value.Content
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || content[got] == nil {
		for wanted := range content {
			return newProblem(http.StatusUnsupportedMediaType, "unsupported-media-type", "The body must be %s.", wanted)
		}
	}
	if !utf8.Valid(body) {
		return newProblem(http.StatusBadRequest, "invalid", "The body is not UTF-8.")
	}
	return nil
}

// checkQuery refuses parameters that the contract does not know: a mistyped filter must not list everything.
func checkQuery(r *http.Request, route *routers.Route) *problem {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return newProblem(http.StatusBadRequest, "invalid", "The query is not well formed.")
	}
	var faults []api.FieldError
	for name := range query {
		if route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			faults = append(faults, fieldError("#/query/"+name, "There is no such parameter."))
		}
	}
	return badRequest(faults, "The query is not as the contract says.")
}

func badRequest(faults []api.FieldError, text string) *problem {
	if len(faults) == 0 {
		return nil
	}
	p := newProblem(http.StatusBadRequest, "invalid", "%s", text)
	p.Errors = &faults
	return p
}

// ill turns the validator's findings into a problem. A change of what cannot be changed is 422, the rest 400.
func (s *operatorServer) ill(r *http.Request, err error) *problem {
	var faults []api.FieldError
	fixed := false
	eachError(err, func(e error) {
		var request *openapi3filter.RequestError
		var schema *openapi3.SchemaError
		switch {
		case errors.As(e, &request) && request.Parameter != nil:
			faults = append(faults, parameterError(request.Parameter))
		case errors.As(e, &schema):
			at := schema.JSONPointer()
			property, unknown := unknownProperty(schema)
			switch {
			case unknown && s.unchangeable(r, at, property):
				fixed = true
				faults = append(faults, fieldError(pointer(append(at, property)), "It cannot be changed."))
			case unknown:
				faults = append(faults, fieldError(pointer(append(at, property)), "There is no such property."))
			default:
				faults = append(faults, fieldError(pointer(at), "It is not as the contract says: %s.", schema.Reason))
			}
		}
	})
	if fixed {
		return refused(faults)
	}
	if len(faults) > 0 {
		return badRequest(faults, "The request is not as the contract says.")
	}
	return newProblem(http.StatusBadRequest, "invalid", "The body is not the JSON that the contract asks for.")
}

// illParameter is the problem of a parameter that could not even be read.
func (s *operatorServer) illParameter(w http.ResponseWriter, r *http.Request, err error) {
	p := newProblem(http.StatusBadRequest, "invalid", "A parameter is not as the contract says: %v.", err)
	var name string
	if e, ok := errors.AsType[*api.RequiredHeaderError](err); ok {
		name = e.ParamName
	} else if e, ok := errors.AsType[*api.RequiredParamError](err); ok {
		name = e.ParamName
	} else if e, ok := errors.AsType[*api.InvalidParamFormatError](err); ok {
		name = e.ParamName
	} else if e, ok := errors.AsType[*api.TooManyValuesForParamError](err); ok {
		name = e.ParamName
	}
	route := s.route(r)
	for _, known := range slices.Concat(route.PathItem.Parameters, route.Operation.Parameters) {
		if known.Value.Name == name {
			p.Errors = &[]api.FieldError{parameterError(known.Value)}
		}
	}
	p.write(w)
}

func parameterError(p *openapi3.Parameter) api.FieldError {
	return fieldError("#/"+p.In+"/"+p.Name, "It is not as the contract says: %s", p.Description)
}

// pointer is a JSON pointer (RFC 6901).
func pointer(at []string) string {
	var text strings.Builder
	for _, part := range at {
		text.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part))
	}
	return text.String()
}

// unknownProperty is the name in a finding about a property that the schema does not have.
func unknownProperty(e *openapi3.SchemaError) (name string, ok bool) {
	_, rest, _ := strings.Cut(e.Reason, "property ")
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil || !strings.Contains(rest[len(quoted):], "unsupported") {
		return "", false
	}
	name, err = strconv.Unquote(quoted)
	return name, err == nil
}

// unchangeable tells whether a property that a change may not have is one of the order's.
func (s *operatorServer) unchangeable(r *http.Request, at []string, property string) bool {
	if r.Method != http.MethodPatch {
		return false
	}
	name := "TicketCreate"
	for _, k := range kinds {
		if strings.Contains(r.Pattern, "/"+k.segment+"/") {
			name = k.schema
		}
	}
	schema := s.box.contract.Components.Schemas[name]
	for _, part := range at {
		if schema = schema.Value.Properties[part]; schema == nil {
			return false
		}
	}
	return schema.Value.Properties[property] != nil
}

func eachError(err error, f func(error)) {
	var multi openapi3.MultiError
	request, ok := errors.AsType[*openapi3filter.RequestError](err)
	if ok && request.Parameter == nil && errors.As(request.Err, &multi) {
		eachError(multi, f)
		return
	}
	if (!ok || request.Parameter == nil) && errors.As(err, &multi) {
		for _, e := range multi {
			eachError(e, f)
		}
		return
	}
	f(err)
}

// verified checks answers against the contract, for tests; what is found is kept.
func (s *operatorServer) verified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := s.route(r)
		given := &recorder{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(given, r)
		err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: validationInput(r, route), Status: given.status, Header: given.header,
			Body: io.NopCloser(bytes.NewReader(given.body.Bytes())),
		})
		if err != nil {
			s.box.violation(fmt.Sprintf("%s %s: %d: %v", r.Method, r.URL.Path, given.status, err))
		}
		given.copyTo(w, given.body.Len())
	})
}
