//! The walk through the nested protobuf messages of a model. Field numbers are those of `onnx.proto`.
use super::{Element, Place, Tensor};
use std::fs::File;
use std::io::{BufReader, Read};

/// Why a walk ends early.
pub(super) enum Stop {
    End,
    Nonsense,
    Io(std::io::Error),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::UnexpectedEof { Stop::End } else { Stop::Io(error) }
    }
}

/// One field of a protobuf message: its number, and what follows.
enum Field {
    Number(u64, u64),
    /// The end of its bytes.
    Bytes(u64, u64),
    Skipped,
}

/// A walk through the nested messages of a file.
pub(super) struct Walk {
    input: BufReader<File>,
    at: u64,
    /// All constants so far.
    pub(super) tensors: Vec<Tensor>,
    /// Top-level graphs so far: a model has one.
    pub(super) num_graphs: usize,
    /// The constant that is being read; empty between two.
    pub(super) current: String,
}

/// Graphs inside graphs: real files have one `If` inside another at most.
const MAX_DEPTH: usize = 16;

impl Walk {
    pub(super) fn new(file: File) -> Self {
        let input = BufReader::with_capacity(8192, file);
        Self { input, at: 0, tensors: Vec::new(), num_graphs: 0, current: String::new() }
    }

    /// Reads a file of `end` bytes.
    pub(super) fn model(&mut self, end: u64) -> Result<(), Stop> {
        while self.at < end {
            match self.field()? {
                Field::Bytes(7, graph_end) => {
                    self.num_graphs += 1;
                    self.graph(graph_end, end, 0)?;
                }
                field => self.skip(&field, end)?,
            }
        }
        Ok(())
    }

    fn graph(&mut self, end: u64, file_end: u64, depth: usize) -> Result<(), Stop> {
        while self.at < end {
            match self.field()? {
                Field::Bytes(1, node_end) => self.node(node_end, file_end, depth)?,
                Field::Bytes(5, tensor_end) => self.tensor(tensor_end, file_end)?,
                field => self.skip(&field, file_end)?,
            }
        }
        Ok(())
    }

    fn node(&mut self, end: u64, file_end: u64, depth: usize) -> Result<(), Stop> {
        while self.at < end {
            match self.field()? {
                Field::Bytes(5, attribute_end) => self.attribute(attribute_end, file_end, depth)?,
                field => self.skip(&field, file_end)?,
            }
        }
        Ok(())
    }

    fn attribute(&mut self, end: u64, file_end: u64, depth: usize) -> Result<(), Stop> {
        while self.at < end {
            match self.field()? {
                Field::Bytes(5, tensor_end) => self.tensor(tensor_end, file_end)?,
                Field::Bytes(6 | 11, _) if depth >= MAX_DEPTH => return Err(Stop::Nonsense),
                Field::Bytes(6 | 11, graph_end) => self.graph(graph_end, file_end, depth + 1)?,
                field => self.skip(&field, file_end)?,
            }
        }
        Ok(())
    }

    fn tensor(&mut self, end: u64, file_end: u64) -> Result<(), Stop> {
        let mut tensor = Tensor { name: String::new(), element: Element::Other, place: None };
        let mut external: Option<Place> = None;
        while self.at < end {
            match self.field()? {
                Field::Number(2, kind) => tensor.element = element(kind),
                Field::Bytes(8, text_end) => {
                    tensor.name = self.text(text_end)?;
                    self.current.clone_from(&tensor.name);
                }
                Field::Bytes(4 | 9, data_end) => {
                    tensor.place = Some(Place { data_file: None, start: self.at, num_bytes: Some(data_end - self.at) });
                    self.skip_to(data_end, file_end)?;
                }
                Field::Bytes(13, entry_end) => {
                    let place = external.get_or_insert(Place { data_file: None, start: 0, num_bytes: None });
                    self.external_entry(entry_end, file_end, place)?;
                }
                field => self.skip(&field, file_end)?,
            }
        }
        if external.as_ref().is_some_and(|place| place.data_file.is_some()) {
            tensor.place = external;
        }
        self.tensors.push(tensor);
        self.current.clear();
        Ok(())
    }

    /// One of `location`, `offset`, `length`, `checksum`, as text.
    fn external_entry(&mut self, end: u64, file_end: u64, place: &mut Place) -> Result<(), Stop> {
        let (mut key, mut value) = (String::new(), String::new());
        while self.at < end {
            match self.field()? {
                Field::Bytes(1, text_end) => key = self.text(text_end)?,
                Field::Bytes(2, text_end) => value = self.text(text_end)?,
                field => self.skip(&field, file_end)?,
            }
        }
        match key.as_str() {
            "location" => place.data_file = Some(value),
            "offset" => place.start = value.parse().map_err(|_| Stop::Nonsense)?,
            "length" => place.num_bytes = Some(value.parse().map_err(|_| Stop::Nonsense)?),
            _ => {}
        }
        Ok(())
    }

    fn field(&mut self) -> Result<Field, Stop> {
        let key = self.varint()?;
        let number = key >> 3;
        match key & 7 {
            _ if number == 0 => Err(Stop::Nonsense),
            0 => Ok(Field::Number(number, self.varint()?)),
            1 => self.fixed(8),
            2 => {
                let length = self.varint()?;
                Ok(Field::Bytes(number, self.at.checked_add(length).ok_or(Stop::Nonsense)?))
            }
            5 => self.fixed(4),
            _ => Err(Stop::Nonsense),
        }
    }

    fn fixed(&mut self, num_bytes: u64) -> Result<Field, Stop> {
        let mut bytes = [0; 8];
        self.input.read_exact(&mut bytes[..num_bytes as usize])?;
        self.at += num_bytes;
        Ok(Field::Skipped)
    }

    fn skip(&mut self, field: &Field, file_end: u64) -> Result<(), Stop> {
        match field {
            Field::Bytes(_, end) => self.skip_to(*end, file_end),
            Field::Number(..) | Field::Skipped => Ok(()),
        }
    }

    fn skip_to(&mut self, end: u64, file_end: u64) -> Result<(), Stop> {
        if end > file_end {
            return Err(Stop::End);
        }
        let distance = i64::try_from(end - self.at).map_err(|_| Stop::Nonsense)?;
        self.input.seek_relative(distance)?;
        self.at = end;
        Ok(())
    }

    /// A name; a longer one than any real file has is nonsense.
    fn text(&mut self, end: u64) -> Result<String, Stop> {
        const MAX_BYTES: u64 = 4096;
        let length = end - self.at;
        if length > MAX_BYTES {
            return Err(Stop::Nonsense);
        }
        let mut bytes = vec![0; length as usize];
        self.input.read_exact(&mut bytes)?;
        self.at = end;
        String::from_utf8(bytes).map_err(|_| Stop::Nonsense)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let mut byte = [0];
            self.input.read_exact(&mut byte)?;
            self.at += 1;
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(value);
            }
        }
        Err(Stop::Nonsense)
    }
}

/// `TensorProto.DataType`.
fn element(kind: u64) -> Element {
    match kind {
        1 => Element::F32,
        10 => Element::F16,
        _ => Element::Other,
    }
}
