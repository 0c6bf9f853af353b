package transport

// failure makes the error of a request whose tries are over without an answer.
func (x *exchange) failure(err error) error {
	e := x.explained(err)
	if x.doubt {
		e.Kind = UnknownOutcome
		e.Advice = "Refresh the state before anything else (terraform plan does) to see whether it was done."
	}
	return e
}

// explained is the error of the exchange that an underlying error makes.
func (x *exchange) explained(err error) *Error {
	why := explain(err)
	return &Error{
		Kind: why.kind, Operator: x.cfg.Operator, Noun: x.cfg.Noun, Method: x.req.Method, URL: shown(x.req.URL),
		RequestID: oneLine(x.req.Header.Get("X-Request-Id")), Attempts: x.tries,
		Detail: why.detail, Advice: x.cfg.told(why.advice), Cause: err,
	}
}
