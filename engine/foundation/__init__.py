"""What every other part stands on: words, errors, tables, the database, security."""
