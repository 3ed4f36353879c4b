"""What a service desk knows: people, calendars, deadlines, assignment, notifications."""
