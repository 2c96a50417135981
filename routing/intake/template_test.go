package intake_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/routing/intake"
	"muster/tenants/fault"
	"muster/tenants/tabular"
)

func TestTemplatesAreRecognisedByTheImport(t *testing.T) {
	for _, kind := range intake.Kinds() {
		name, content, err := intake.Template(kind)
		require.NoError(t, err)
		require.Equal(t, string(kind)+"-template.xlsx", name)
		book, err := excelize.OpenReader(bytes.NewReader(content))
		require.NoError(t, err)
		rows, err := book.GetRows(string(kind))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		schema := intake.Schema(kind)
		require.Len(t, rows[0], len(schema.Fields))
		filled := make([]any, len(schema.Fields))
		for i := range filled {
			filled[i] = "x"
		}
		require.NoError(t, book.SetSheetRow(string(kind), "A2", &filled))
		var again bytes.Buffer
		require.NoError(t, book.Write(&again))
		reader, err := tabular.Open(&again, tabular.Options{})
		require.NoError(t, err)
		proposed, err := tabular.Propose(schema, reader, tabular.Wishes{Source: "template", Zone: "UTC"})
		require.NoError(t, err)
		require.Empty(t, proposed.Missing, kind)
		require.Empty(t, proposed.Unused, kind)
	}
	_, _, err := intake.Template("invoices")
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}
