package parser
var trees = []struct{ src, want string }{}
var faults = []struct{ src, want string }{}
