//! The small sheet that follows the pointer.
use super::link::Link;
use crate::xdnd::RootPoint;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::shape::{ConnectionExt as _, SK, SO};
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux,
    Rectangle, Screen, StackMode, WindowClass,
};

const WIDTH: u16 = 30;
const HEIGHT: u16 = 38;
/// The cut corner, pixels.
const FOLD: u16 = 9;
/// From the pointer's tip to the sheet, so that the sheet never hides what lies below the pointer.
const OFFSET: (i16, i16) = (14, 18);
const PAPER: [u8; 3] = [0xf4, 0xf4, 0xf2];
const INK: [u8; 3] = [0x2a, 0x2c, 0x30];
const REFUSED: [u8; 3] = [0x9a, 0x9c, 0xa0];

/// A window without borders, which no pointer event ever meets.
pub struct Icon {
    window: u32,
    accepted: u32,
    refused: u32,
}

impl Icon {
    /// Draws it and shows it at the pointer.
    pub fn show(link: &Link, at: RootPoint, accent: [u8; 3], num_files: usize) -> Result<Self, ReplyOrIdError> {
        let (conn, screen) = (&link.conn, &link.screen);
        let (accepted, refused) = (sheet(link, accent, num_files)?, sheet(link, REFUSED, num_files)?);
        let window = conn.generate_id()?;
        let aux = CreateWindowAux::new().override_redirect(1).save_under(1).background_pixmap(refused);
        let (x, y) = place(at);
        let (kind, visual) = (WindowClass::INPUT_OUTPUT, screen.root_visual);
        conn.create_window(screen.root_depth, window, screen.root, x, y, WIDTH, HEIGHT, 0, kind, visual, &aux)?;
        // Without an input shape the walk down the windows would find the sheet itself.
        conn.shape_rectangles(SO::SET, SK::INPUT, ClipOrdering::UNSORTED, window, 0, 0, &[])?;
        conn.shape_rectangles(SO::SET, SK::BOUNDING, ClipOrdering::UNSORTED, window, 0, 0, &outline())?;
        conn.map_window(window)?;
        Ok(Self { window, accepted, refused })
    }

    /// Follows the pointer.
    pub fn follow(&self, link: &Link, at: RootPoint) -> Result<(), x11rb::errors::ConnectionError> {
        let (x, y) = place(at);
        let aux = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y)).stack_mode(StackMode::ABOVE);
        link.conn.configure_window(self.window, &aux)?;
        Ok(())
    }

    /// Grey while nobody would take the files.
    pub fn mark(&self, link: &Link, is_accepted: bool) -> Result<(), x11rb::errors::ConnectionError> {
        let picture = if is_accepted { self.accepted } else { self.refused };
        let aux = ChangeWindowAttributesAux::new().background_pixmap(picture);
        link.conn.change_window_attributes(self.window, &aux)?;
        link.conn.clear_area(false, self.window, 0, 0, 0, 0)?;
        Ok(())
    }

    /// Goes away. Without it the server would do so at the end of the connection.
    pub fn hide(&self, link: &Link) -> Result<(), x11rb::errors::ConnectionError> {
        link.conn.destroy_window(self.window)?;
        Ok(())
    }
}

fn place(at: RootPoint) -> (i16, i16) {
    (at.x.saturating_add(OFFSET.0), at.y.saturating_add(OFFSET.1))
}

/// The sheet's shape: one row after the other where the corner is folded.
fn outline() -> Vec<Rectangle> {
    let rows = (0..FOLD).map(|row| Rectangle { x: 0, y: row as i16, width: WIDTH - FOLD + row, height: 1 });
    rows.chain([Rectangle { x: 0, y: FOLD as i16, width: WIDTH, height: HEIGHT - FOLD }]).collect()
}

/// A picture of a sheet with a band in `colour` and a line for each file, six at most.
fn sheet(link: &Link, colour: [u8; 3], num_files: usize) -> Result<u32, ReplyOrIdError> {
    let (conn, screen) = (&link.conn, &link.screen);
    let (picture, pen) = (conn.generate_id()?, conn.generate_id()?);
    conn.create_pixmap(screen.root_depth, picture, screen.root, WIDTH, HEIGHT)?;
    conn.create_gc(pen, picture, &CreateGCAux::new().foreground(pixel(screen, INK)))?;
    let fill = |colour, x, y, width, height| {
        conn.change_gc(pen, &x11rb::protocol::xproto::ChangeGCAux::new().foreground(pixel(screen, colour)))?;
        conn.poly_fill_rectangle(picture, pen, &[Rectangle { x, y, width, height }])
    };
    fill(INK, 0, 0, WIDTH, HEIGHT)?;
    fill(PAPER, 1, 1, WIDTH - 2, HEIGHT - 2)?;
    fill(colour, 1, HEIGHT as i16 - 10, WIDTH - 2, 9)?;
    for step in 0..FOLD as i16 {
        fill(INK, (WIDTH - FOLD) as i16 + step - 1, step, 2, 1)?;
    }
    for line in 0..num_files.min(6) as i16 {
        fill(INK, 5, 6 + 4 * line, if line == 0 { 13 } else { 19 }, 2)?;
    }
    conn.free_gc(pen)?;
    Ok(picture)
}

/// The colour in the root's visual, which has eight bits a channel or the server's white instead.
fn pixel(screen: &Screen, rgb: [u8; 3]) -> u32 {
    let mut visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
    let Some(visual) = visuals.find(|visual| visual.visual_id == screen.root_visual) else { return screen.white_pixel };
    let masks = [visual.red_mask, visual.green_mask, visual.blue_mask];
    if masks.iter().any(|mask| mask.count_ones() != 8) {
        return screen.white_pixel;
    }
    masks.iter().zip(rgb).map(|(mask, level)| u32::from(level) << mask.trailing_zeros()).sum()
}
