//! PNG files of figures.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::svg::Figure;

/// Pixels of a PNG file for each pixel of the drawing.
const SCALE: f32 = 2.5;

/// Why there is no PNG.
#[derive(Debug, thiserror::Error)]
pub enum RasterError {
    /// The system has no fonts.
    #[error("this system has no fonts for the text of a PNG file")]
    NoFonts,
    /// What the renderer says.
    #[error("the figure could not be drawn: {0}")]
    Renderer(String),
}

/// The figure as a PNG file, with the fonts of the system.
///
/// # Errors
///
/// [`RasterError`].
pub fn png(figure: &Figure) -> Result<Vec<u8>, RasterError> {
    let mut fonts = fontdb::Database::new();
    fonts.load_system_fonts();
    let Some(family) = fonts
        .faces()
        .find(|face| face.families.iter().any(|f| f.0 == "DejaVu Sans"))
        .or_else(|| fonts.faces().next())
        .and_then(|face| face.families.first().map(|f| f.0.clone()))
    else {
        return Err(RasterError::NoFonts);
    };
    fonts.set_sans_serif_family(family);
    let options = Options {
        fontdb: std::sync::Arc::new(fonts),
        ..Options::default()
    };
    let failed = |e: String| RasterError::Renderer(e);
    let tree = Tree::from_str(&figure.standalone(), &options).map_err(|e| failed(e.to_string()))?;
    let size = tree.size();
    let pixels = |x: f32| (x * SCALE).ceil() as u32;
    let mut map = Pixmap::new(pixels(size.width()), pixels(size.height()))
        .ok_or_else(|| failed("it has no size".to_owned()))?;
    let transform = Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, transform, &mut map.as_mut());
    map.encode_png().map_err(|e| failed(e.to_string()))
}
