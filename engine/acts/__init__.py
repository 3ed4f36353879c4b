"""What is done to cases from outside: the worklist, the timers, replay, publishing."""
