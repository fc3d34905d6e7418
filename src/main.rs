//! The command line's entry, nothing else.
#![forbid(unsafe_code)]

mod cli;

/// Many small strings are made and dropped by several threads at once, which the system's
/// allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
