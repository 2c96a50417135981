// Package audit owns the record of who changed what, when and why it was allowed.
//
// In: Append inside the transaction of the change, so that no change is
// without its record. Out: records under the caller's scope, newest first.
// Rows are only ever added; on PostgreSQL the app role has no right to change
// them.
//
// Detail holds ids, keys and figures. Personal before and after values are
// sealed with a key of their subject (the person they are about), itself
// sealed by the key file; Erase destroys the subject's key, and with it what
// every record, backup and replica says about the person.
package audit
