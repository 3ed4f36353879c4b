"""Draws a process: columns, rows, lanes, flows, labels. Knows shapes and flows, not what they do."""
