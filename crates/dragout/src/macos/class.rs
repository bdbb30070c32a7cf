//! Classes made while running.
//!
//! All modules of a process share one set of names, and a host may have loaded this code twice (as CLAP and as VST3) or
//! in two versions. So each module makes its own classes under names that nobody has yet.
use objc2::runtime::{AnyClass, ClassBuilder};
use std::ffi::CString;

/// A new class below `superclass` whose name begins with `name`; `fill` adds its methods.
///
/// # Panics
/// Never: it would take four thousand million classes of that name.
pub fn make(name: &str, superclass: &AnyClass, fill: impl FnOnce(&mut ClassBuilder)) -> &'static AnyClass {
    let mut builders = (0_u32..).filter_map(|number| {
        let name = CString::new(format!("{name}{number}")).ok()?;
        ClassBuilder::new(&name, superclass)
    });
    let mut builder = builders.next().expect("a free name");
    fill(&mut builder);
    builder.register()
}
