"""The way into billing: the firm's books as files, billers of files, and the outbox that delivers once."""
