"""Microsoft 365 by Graph: mail, calendar, files, attendance, chats and calls."""
