"""The core: what stands in the way, what is next, what a change or a rollback would write. Pure: `now` is given."""
