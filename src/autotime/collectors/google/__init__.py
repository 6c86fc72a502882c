"""Google Workspace: mail, calendar, files and attendance, through the firm's own Google project."""
