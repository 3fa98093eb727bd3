"""Administration (Quản trị): people and roles, computers, units and rounds, and the audit; for administrators."""
