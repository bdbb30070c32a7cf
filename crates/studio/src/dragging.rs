//! Files for dragging: written before a drag begins, since a drag cannot wait.
use crate::DragView;
use crate::core::{Core, lane};
use jobs::{Job, JobEnd};
use library::{DragFiles, DragFolder, Library, LibraryError};
use std::sync::Arc;
use take::{Take, TakeId};

/// Takes whose finished files are remembered; those of others are only looked at again when asked for.
const MAX_READY: usize = 64;
/// Takes whose files are written at once; what is asked for beyond that, the oldest wish gives way.
const MAX_PREPARING: usize = 8;

type DragJob = Job<Result<(DragFiles, u64), LibraryError>>;

/// What is ready and what is on its way.
#[derive(Debug, Default)]
pub(crate) struct Dragging {
    ready: Arc<Vec<Arc<DragFiles>>>,
    preparing: Vec<(TakeId, DragJob)>,
    pub(crate) num_bytes: u64,
}

impl Dragging {
    pub(crate) fn is_busy(&self) -> bool {
        !self.preparing.is_empty()
    }

    pub(crate) fn view(&self, folder: &DragFolder) -> DragView {
        DragView {
            ready: self.ready.clone(),
            preparing: self.preparing.iter().map(|(id, _)| *id).collect(),
            dir: folder.dir().to_owned(),
            num_bytes: self.num_bytes,
        }
    }
}

impl Core {
    pub(crate) fn prepare_drag(&mut self, id: TakeId) {
        let is_under_way = self.drag.preparing.iter().any(|(known, _)| *known == id);
        let ready = self.drag.ready.iter().find(|files| files.take == id);
        // The user may have emptied the folder with other means.
        if is_under_way || ready.is_some_and(|files| files.is_there()) {
            return;
        }
        Arc::make_mut(&mut self.drag.ready).retain(|files| files.take != id);
        if self.drag.preparing.len() >= MAX_PREPARING {
            self.drag.preparing.remove(0);
        }
        let number = self.number_of(id);
        let (at_hand, library, folder) =
            (self.shelf.take(id).cloned(), self.env.library.clone(), self.env.drag.clone());
        let job = self.env.pool.submit(self.owner(lane::DRAG), self.waker(), move |_, _| {
            write_files(at_hand, &library, &folder, id, number)
        });
        // A pool that is full up: the window asks again when the pointer comes again.
        self.drag.preparing.extend(job.ok().map(|job| (id, job)));
        self.touch();
    }

    pub(crate) fn poll_drag(&mut self) {
        let mut ends = Vec::new();
        self.drag.preparing.retain_mut(|(_, job)| job.poll().map(|end| ends.push(end)).is_none());
        for end in ends {
            match end {
                JobEnd::Done(Ok((files, num_bytes))) => {
                    let ready = Arc::make_mut(&mut self.drag.ready);
                    ready.push(Arc::new(files));
                    if ready.len() > MAX_READY {
                        ready.remove(0);
                    }
                    self.drag.num_bytes = num_bytes;
                }
                JobEnd::Done(Err(error)) => {
                    self.notices.error(format!("Nothing can be dragged out of this take: {error}."));
                }
                JobEnd::Panicked(words) => self.notices.error(format!("A worker broke on files to drag ({words}).")),
                JobEnd::NeverRan => {}
            }
            self.touch();
        }
    }

    pub(crate) fn note_drag_cleared(&mut self) {
        self.drag.ready = Arc::default();
        self.drag.num_bytes = 0;
    }
}

/// On a worker: the files, and what the folder weighs with them.
fn write_files(
    at_hand: Option<Arc<Take>>,
    library: &Library,
    folder: &DragFolder,
    id: TakeId,
    number: u32,
) -> Result<(DragFiles, u64), LibraryError> {
    let take = match at_hand {
        Some(take) => take,
        None => Arc::new(library.load(id)?),
    };
    let files = folder.prepare(&take, number)?;
    Ok((files, folder.num_bytes()?))
}
