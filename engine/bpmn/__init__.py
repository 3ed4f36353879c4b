"""The process machine: diagrams, decision tables, forms and their execution; it knows no case, person or clock."""
