package server

import (
	"bytes"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"muster/tenants/tabular"
)

// reopen reads bytes from their beginning.
func reopen(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// describeUploads adds the upload routes to the OpenAPI document.
func (s *Server) describeUploads() {
	registry := s.api.OpenAPI().Components.Schemas
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	form := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"client", "kind", "file"}, Properties: map[string]*huma.Schema{
		"client": text("Slug of the client"), "kind": text("contacts, intervals, states, people or codes"), "source": text("Name of the source system"), "preset": text("queue_log for an Asterisk queue log"),
		"mapping": text("Mapping document, YAML or JSON"), "dry_run": text("true: read and classify, store nothing"), "create": text("true: make sites, teams and skills that people need"),
		"file": {Type: huma.TypeString, Format: "binary", Description: "The file, after the other fields"}}}}}}
	answer := func(status, doc string, schema *huma.Schema) map[string]*huma.Response {
		return map[string]*huma.Response{status: {Description: doc, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
			"default": {Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(typeOf[Problem](), true, "")}}}}
	}
	security := []map[string][]string{{"session": {}}, {"token": {}}}
	s.api.OpenAPI().AddOperation(&huma.Operation{Method: http.MethodPost, Path: "/api/v1/imports", OperationID: "start-import", Summary: "Import a file as a job", Tags: []string{"imports"}, Security: security, RequestBody: form,
		Responses: answer("202", "The job that imports the file", registry.Schema(typeOf[jobView](), true, ""))})
	s.api.OpenAPI().AddOperation(&huma.Operation{Method: http.MethodPost, Path: "/api/v1/imports/preview", OperationID: "preview-import", Summary: "First rows and a proposed mapping", Tags: []string{"imports"}, Security: security, RequestBody: form,
		Responses: answer("200", "Proposal", registry.Schema(typeOf[tabular.Proposed](), true, ""))})
}

// typeOf gives the type of T for schemas.
func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// describeDownload adds a route that answers with an Excel file to the OpenAPI document.
func (s *Server) describeDownload(path, id, summary, tag string) {
	parameters := []*huma.Param{}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parameters = append(parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
			path = strings.Replace(path, part, "{"+name+"}", 1)
		}
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{Method: http.MethodGet, Path: "/api/v1" + path, OperationID: id, Summary: summary, Tags: []string{tag}, Parameters: parameters, Security: []map[string][]string{{"session": {}}, {"token": {}}},
		Responses: map[string]*huma.Response{"200": {Description: "Workbook", Content: map[string]*huma.MediaType{xlsxType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}})
}
