"""A desktop's side of the sync: enrolment, the session, the loop that runs it, and the HTTP transport."""
