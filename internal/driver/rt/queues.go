package rt

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// perPage is the most that RT answers at once.
	perPage = 100
	// maxQueuePages bounds the search for queues, emptyPages ends it: RT counts queues that the account does not see, so
	// that a page without any need not be the last.
	maxQueuePages = 20
	emptyPages    = 2
	// maxTold bounds the queues of which the fields are asked for when a desk is opened.
	maxTold = 30
)

// queue is one that the account sees.
type queue struct {
	ID       text `json:"id"`
	Name     text
	Disabled text
	// Fields are the custom fields of tickets in it, as far as the account sees them; nil while nobody has asked.
	Fields several[customField] `json:"TicketCustomFields"`
}

// fields are the names of its custom fields, sorted; nil if they are not known.
func (q queue) fields() []string {
	if q.Fields == nil {
		return nil
	}
	out := make([]string, len(q.Fields))
	for i, f := range q.Fields {
		out[i] = string(f.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// queues are those that the account sees.
type queues struct {
	mu  sync.Mutex
	all []queue
}

// name is that of a queue by its id, empty for one that is not known.
func (q *queues) name(id string) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.IndexFunc(q.all, func(q queue) bool { return string(q.ID) == id }); i >= 0 {
		return string(q.all[i].Name)
	}
	return ""
}

func (q *queues) byName(name string) (queue, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.IndexFunc(q.all, func(q queue) bool { return string(q.Name) == name }); i >= 0 {
		return q.all[i], true
	}
	return queue{}, false
}

// put adds a queue, or what is known of it by now.
func (q *queues) put(one queue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.IndexFunc(q.all, func(q queue) bool { return q.ID == one.ID }); i >= 0 {
		q.all[i] = one
		return
	}
	q.all = append(q.all, one)
}

func (q *queues) names() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]string, len(q.all))
	for i, one := range q.all {
		out[i] = string(one.Name)
	}
	slices.Sort(out)
	return out
}

// described are the queues as the port has them, by name.
func (q *queues) described() []servicedesk.Queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]servicedesk.Queue, len(q.all))
	for i, one := range q.all {
		out[i] = servicedesk.Queue{Name: string(one.Name), Fields: one.fields()}
	}
	slices.SortFunc(out, func(a, b servicedesk.Queue) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// listQueues reads which queues there are.
func (d *desk) listQueues(ctx context.Context) error {
	for number, empty := 1, 0; number <= maxQueuePages && empty < emptyPages; number++ {
		var p page[queue]
		query := url.Values{
			"fields": {"Name,Disabled"}, "orderby": {"id"}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(number)},
		}
		if _, err := d.read(ctx, "/queues/all", query, &p); err != nil {
			return err
		}
		for _, q := range p.Items {
			if q.Name != "" && q.Disabled.number(0) == 0 {
				q.Fields = nil
				d.queues.put(q)
			}
		}
		if empty++; len(p.Items) > 0 {
			empty = 0
		}
		if total := p.Total.number(-1); total >= 0 && total <= int64(number*perPage) {
			return nil
		}
	}
	return nil
}

// tellQueues reads the fields of the queues, of those to which tickets go by the mapping first.
func (d *desk) tellQueues(ctx context.Context) error {
	var names []string
	for _, kind := range servicedesk.Types {
		if name := d.mapping.Types[kind].Queue; name != "" {
			names = append(names, name)
		}
	}
	names = append(names, d.queues.names()...)
	var told []string
	for _, name := range names {
		if !slices.Contains(told, name) && len(told) < maxTold {
			told = append(told, name)
		}
	}
	errs := make([]error, len(told))
	var wg sync.WaitGroup
	for i, name := range told {
		wg.Go(func() { _, errs[i] = d.queue(ctx, name) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

// queue is a queue with its fields. One of which RT has not told before may still be there.
func (d *desk) queue(ctx context.Context, name string) (queue, error) {
	q, listed := d.queues.byName(name)
	if listed && q.Fields != nil {
		return q, nil
	}
	address := string(q.ID)
	if !listed {
		if address = url.PathEscape(name); digits(name) || name == "" { // RT would take it for an id.
			return queue{}, d.failure(cloud.ErrNotFound, "There is no queue %q", name)
		}
	}
	var full queue
	if _, err := d.read(ctx, "/queue/"+address, nil, &full); err != nil {
		return queue{}, err
	}
	if string(full.Name) != name || full.Disabled.number(0) != 0 {
		return queue{}, d.failure(cloud.ErrNotFound, "There is no queue %q", name)
	}
	if full.Fields == nil {
		full.Fields = several[customField]{}
	}
	d.queues.put(full)
	return full, nil
}

// usable finds the queue that a ticket is to go to. What is wrong with it is said by name, with what there is.
func (d *desk) usable(ctx context.Context, name string, p *problems) (queue, error) {
	q, err := d.queue(ctx, name)
	switch {
	case errors.Is(err, cloud.ErrForbidden):
		p.add("/queue", "The account may not use the queue %q. It sees: %s", name, quoted(d.queues.names()))
		return q, nil
	case errors.Is(err, cloud.ErrNotFound):
		p.add("/queue", "The account sees no queue %q. It sees: %s", name, quoted(d.queues.names()))
		return q, nil
	}
	return q, err
}

// checkFields finds custom fields that the queue does not have, which RT would drop without a word, and those that are
// written in another way.
func (d *desk) checkFields(q queue, fields map[string]string, p *problems) {
	has := q.fields()
	for name := range fields {
		switch part := d.partOf(name); {
		case part == "external_key":
			p.add(fieldPointer(name), "The field %q is where the ticket's key is kept", name)
		case part != "":
			p.add(fieldPointer(name), "The field %q holds the %s: set that", name, part)
		case has != nil && !slices.Contains(has, name):
			p.add(fieldPointer(name), "The queue %q has no field %q that the account sees. It has: %s", q.Name, name, quoted(d.others(has)))
		}
	}
	slices.SortFunc(*p, func(a, b cloud.FieldError) int { return cmp.Compare(a.Pointer, b.Pointer) })
}

// others are the fields that hold no part of the model.
func (d *desk) others(fields []string) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return d.partOf(name) != "" })
}
