package dayshift

var Hot, Cold, KMax, WMax = 20.0, 0.3, 3, 16
