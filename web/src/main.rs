//! The dashboard's entry point. Everything else lives in the library, where it is tested natively.

fn main() {
    switchboard_web::start();
}
