//! `tw` against the Platform: every command, its bytes, its calls, and what happens when the server fails.

mod secrets;
