package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
)

// Options are how a sandbox is. Zero values are defaults.
type Options struct {
	// Dir holds the state. Required.
	Dir string
	// Operators are the names of those to run; all by default.
	Operators []string
	// Projects that exist at each operator; DefaultProjects by default.
	Projects []Project
	// Transition is how long creating, changing and deleting take; nothing by default.
	Transition time.Duration
	// Listen is the address to listen on; 127.0.0.1 by default.
	Listen string
	// Port is that of the directory, the operators follow it; free ones by default.
	Port int
	// TokenLifetime is how long a token is valid; 15 minutes by default.
	TokenLifetime time.Duration
	// RequestsPerSecond is the rate limit of each operator; 5000 by default.
	RequestsPerSecond int
	// Now is the time that MoveClock starts from; time.Now by default.
	Now func() time.Time
	// TicketDecision is what becomes of the tickets that need an approval: empty if people decide, by Agent, or
	// DecideApprove.
	TicketDecision string
	// Kubernetes is the folder with the programs that are put behind container clusters, see controlplane.Find; without
	// it, clusters are only played.
	Kubernetes string
	// S3 is where new backup vaults are kept; without it, they are folders in Dir.
	S3 *objectstore.Account
	// ValidateResponses checks every answer against the contract; see Violations.
	ValidateResponses bool
	// Logger gets what a person should know; nothing is logged by default.
	Logger *slog.Logger
}

// DecideApprove lets the desks approve by themselves, when the time of a transition is over.
const DecideApprove = "approve"

func (o Options) withDefaults() Options {
	if o.Projects == nil {
		o.Projects = DefaultProjects()
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1"
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = 15 * time.Minute
	}
	if o.RequestsPerSecond == 0 {
		o.RequestsPerSecond = 5000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Sandbox is several operators and the directory that lists them.
type Sandbox struct {
	options   Options
	contract  *openapi3.T
	clock     *clock
	faults    faultList
	logger    *slog.Logger
	directory string
	operators []*operatorServer
	servers   []*http.Server
	planes    *planes
	vaults    *vaults
	transfers *transfers
	// closing ends what is held back.
	closing chan struct{}
	closed  sync.Once

	mu         sync.Mutex
	requests   []Request
	violations []string
}

// Request is one that an operator has answered.
type Request struct {
	Operator string        `json:"operator"`
	Method   string        `json:"method"`
	Path     string        `json:"path"`
	Query    string        `json:"query,omitempty"`
	Status   int           `json:"status"`
	ID       string        `json:"id"`
	Duration time.Duration `json:"duration_ns"`
}

// requestLimit bounds the record of requests.
const requestLimit = 200_000

// Start runs a sandbox until Close.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	o = o.withDefaults()
	if o.TicketDecision != "" && o.TicketDecision != DecideApprove {
		return nil, fmt.Errorf("a service desk knows the decision %q, not %q", DecideApprove, o.TicketDecision)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for the state: %w", err)
	}
	contract, err := loadContract()
	if err != nil {
		return nil, err
	}
	all, err := profiles(o.Operators)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{
		options: o, contract: contract, clock: &clock{base: o.Now}, logger: o.Logger, closing: make(chan struct{}),
	}
	if s.vaults, err = newVaults(o, s.clock); err != nil {
		return nil, err
	}
	s.transfers = newTransfers(s.vaults, o.Logger)
	s.planes, err = openPlanes(o)
	for i := 0; err == nil && i < len(all); i++ {
		err = s.startOperator(ctx, all[i], i+1)
	}
	if err == nil {
		err = s.resume() //nolint:contextcheck // What it begins ends with Close.
	}
	if err == nil { // The directory answers when all that it lists does.
		s.directory, err = s.serve(ctx, 0, s.directoryHandler)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Sandbox) startOperator(ctx context.Context, p profile, number int) error {
	w, err := openWorld(ctx, p, s.options, s.clock, s.vaults)
	if err != nil {
		return err
	}
	w.planes, w.transfers = s.planes, s.transfers
	server := &operatorServer{
		box: s, world: w, tokens: &tokens{clock: s.clock, lifetime: s.options.TokenLifetime, given: map[string]grant{}},
		limiter: &limiter{perSecond: s.options.RequestsPerSecond, now: s.clock.now},
	}
	s.operators = append(s.operators, server)
	_, err = s.serve(ctx, number, func(endpoint string) http.Handler {
		server.endpoint = endpoint
		return server.handler()
	})
	return err
}

// resume goes on with the transfers and the control planes of the sandbox before this one, once all operators are open.
func (s *Sandbox) resume() error {
	worlds := make([]*world, len(s.operators))
	for i, o := range s.operators {
		worlds[i] = o.world
		o.world.mu.Lock()
		o.world.strand()
		o.world.mu.Unlock()
	}
	s.transfers.resume(worlds)
	if s.planes == nil {
		return nil
	}
	stored, err := storedOperators(s.options.Dir)
	if err != nil {
		return err
	}
	complete := !slices.ContainsFunc(stored, func(name string) bool { return s.operator(name) == nil })
	s.planes.resume(worlds, complete)
	return nil
}

// serve listens and answers; number is how far the port is from the first one.
func (s *Sandbox) serve(ctx context.Context, number int, handler func(endpoint string) http.Handler) (endpoint string, err error) {
	port := 0
	if s.options.Port != 0 {
		port = s.options.Port + number
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(s.options.Listen, strconv.Itoa(port)))
	if err != nil {
		return "", fmt.Errorf("listening: %w", err)
	}
	endpoint = "http://" + l.Addr().String()
	server := &http.Server{
		Handler: handler(endpoint), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
	}
	s.servers = append(s.servers, server)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.logger.Error("serving", "endpoint", endpoint, "error", err)
		}
	}()
	return endpoint, nil
}

// Close ends all connections and writes down what there is.
func (s *Sandbox) Close() (err error) {
	s.closed.Do(func() {
		close(s.closing)
		for _, server := range s.servers {
			err = errors.Join(err, server.Close())
		}
		s.transfers.close()
		err = errors.Join(err, s.planes.close())
		for _, o := range s.operators {
			o.world.mu.Lock()
			err = errors.Join(err, o.world.store.close())
			o.world.mu.Unlock()
		}
	})
	return err
}

// DirectoryURL is where the directory document is.
func (s *Sandbox) DirectoryURL() string { return s.directory + "/operators.json" }

// Endpoint is an operator's; empty if it is not there.
func (s *Sandbox) Endpoint(operator string) string {
	if o := s.operator(operator); o != nil {
		return o.endpoint
	}
	return ""
}

func (s *Sandbox) operator(name string) *operatorServer {
	for _, o := range s.operators {
		if o.world.profile.Name == name {
			return o
		}
	}
	return nil
}
