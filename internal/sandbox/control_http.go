package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// dataLimit bounds what is read or written of a volume at once.
const dataLimit = 64 << 20

// directoryHandler serves the directory document, and what people and tests steer the sandbox with.
func (s *Sandbox) directoryHandler(string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /operators.json", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, mustJSON(s.document()))
	})
	mux.HandleFunc("GET /_sandbox/objects", s.objectsHandler)
	mux.HandleFunc("GET /_sandbox/requests", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, mustJSON(s.Requests()))
	})
	mux.HandleFunc("POST /_sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		if decodeControl(w, r, &f) && !failed(w, s.AddFault(f)) {
			w.WriteHeader(http.StatusNoContent)
		}
	})
	mux.HandleFunc("DELETE /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_sandbox/clock", func(w http.ResponseWriter, r *http.Request) {
		var move struct {
			Seconds int64 `json:"seconds"`
		}
		if decodeControl(w, r, &move) {
			s.MoveClock(time.Duration(move.Seconds) * time.Second)
			w.WriteHeader(http.StatusNoContent)
		}
	})
	s.steerTickets(mux)
	mux.HandleFunc("GET /_sandbox/operators/{operator}/volumes/{id}/data", s.disk(readDisk))
	mux.HandleFunc("PUT /_sandbox/operators/{operator}/volumes/{id}/data", s.disk(writeDisk))
	mux.HandleFunc("GET /_sandbox/operators/{operator}/volumes/{id}/checksum", s.disk(sumDisk))
	return mux
}

func (s *Sandbox) document() api.Directory {
	d := api.Directory{Version: 1, Operators: []api.DirectoryEntry{}}
	for _, o := range s.operators {
		d.Operators = append(d.Operators, api.DirectoryEntry{
			Name: o.world.profile.Name, LegalName: optional(o.world.profile.LegalName), Kind: "selfservice", Endpoint: o.endpoint,
		})
	}
	return d
}

func (s *Sandbox) objectsHandler(w http.ResponseWriter, r *http.Request) {
	objects, err := s.Objects(r.Context(), r.URL.Query().Get("operator"))
	if !failed(w, err) {
		writeJSON(w, http.StatusOK, mustJSON(objects))
	}
}

func decodeControl(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("there is more behind the JSON")
	}
	return !failed(w, err)
}

// failed answers with an error, if there is one.
func failed(w http.ResponseWriter, err error) bool {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return err != nil
}

// disk finds the volume of a path.
func (s *Sandbox) disk(f func(http.ResponseWriter, *http.Request, *disks, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o := s.operator(r.PathValue("operator"))
		if o == nil {
			http.Error(w, "there is no such operator", http.StatusNotFound)
			return
		}
		var there bool
		err := o.world.locked(r.Context(), func() {
			obj := o.world.objects[r.PathValue("id")]
			there = obj != nil && obj.Kind == storageVolumeKind.segment
		})
		switch {
		case failed(w, err):
		case !there:
			http.Error(w, "there is no such volume", http.StatusNotFound)
		default:
			f(w, r, o.world.disks, r.PathValue("id"))
		}
	}
}

// number reads a parameter that is a count of bytes.
func number(r *http.Request, name string, fallback int64) (int64, error) {
	if !r.URL.Query().Has(name) {
		return fallback, nil
	}
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is not a count of bytes", name)
	}
	return n, nil
}

func readDisk(w http.ResponseWriter, r *http.Request, d *disks, id string) {
	offset, err := number(r, "offset", 0)
	if failed(w, err) {
		return
	}
	length, err := number(r, "length", dataLimit)
	if failed(w, err) {
		return
	}
	data, err := d.read(id, offset, min(length, dataLimit))
	if failed(w, err) {
		return
	}
	sum := sha256.Sum256(data)
	w.Header().Set("Repr-Digest", digest(sum[:]))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func writeDisk(w http.ResponseWriter, r *http.Request, d *disks, id string) {
	offset, err := number(r, "offset", 0)
	if failed(w, err) {
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, dataLimit))
	if err == nil {
		err = d.write(id, offset, data)
	}
	if !failed(w, err) {
		w.WriteHeader(http.StatusNoContent)
	}
}

func sumDisk(w http.ResponseWriter, r *http.Request, d *disks, id string) {
	limit, err := number(r, "length", math.MaxInt64)
	if failed(w, err) {
		return
	}
	sum, err := d.checksum(id, limit)
	if !failed(w, err) {
		writeJSON(w, http.StatusOK, mustJSON(map[string]string{"sha256": sum}))
	}
}
