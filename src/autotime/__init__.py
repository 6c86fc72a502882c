"""autotime: time entries drafted from what an attorney already does."""
