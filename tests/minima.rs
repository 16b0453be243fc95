//! Local minima of tiny networks.

#[test]
fn placeholder() {}
