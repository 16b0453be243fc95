//! Results for people to look at: figures as SVG, and pages of HTML that need no network and carry their proof.

pub mod chart;
pub mod figures;
pub mod image;
pub mod page;
#[cfg(feature = "png")]
pub mod raster;
pub mod svg;

pub use page::{Claim, Embedded, Page, Proof, Row, Table, Tone, Verdict, embed};
pub use svg::{Figure, Svg};
