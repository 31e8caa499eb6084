//! `local-supabase`: starts the stand-in.

fn main() {}
