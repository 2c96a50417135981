package main

// version is set by the build (see the Makefile); a plain "go build" is "dev".
var version = "dev"
