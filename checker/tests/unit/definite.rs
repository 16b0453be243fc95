#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;
