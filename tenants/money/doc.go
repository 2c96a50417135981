// Package money holds amounts (64-bit minor units of a currency), exact decimals
// for rates and quantities, rounding and the allocation of remainders.
//
// Rates and quantities are decimals and are never compared or summed in SQL; an
// amount is rounded once, per invoice line, and every total is an integer sum.
package money
