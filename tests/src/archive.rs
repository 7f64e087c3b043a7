//! Archives byte by byte, as `tw plugin pack` makes them: a tar file in the format ustar, compressed with gzip. Tests change them in ways in which no
//! program writes them.

use std::io::{Read, Write};

use flate2::{Compression, GzBuilder, read::MultiGzDecoder};

/// The size of a block of a tar file: a header, or a part of a content.
pub const BLOCK: usize = 512;

/// Returns the header of a file.
pub fn header(name: &str, size: usize) -> Vec<u8> {
    let mut header = vec![0; BLOCK];
    let mut set =
        |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    set(0, name);
    set(100, "0000644");
    set(124, &format!("{size:011o}"));
    set(136, "00000000000");
    set(156, "0");
    set(257, "ustar\x0000");
    seal(&mut header);
    header
}

/// Sets the checksum of a header.
pub fn seal(header: &mut [u8]) {
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
}

/// Returns a file's header and its content, filled up to whole blocks.
pub fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let mut entry = header(name, content.len());
    entry.extend(content);
    entry.resize(entry.len().next_multiple_of(BLOCK), 0);
    entry
}

/// Returns a tar file with these files: their entries, and two empty blocks.
pub fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries = files
        .iter()
        .flat_map(|(name, content)| entry(name, content));
    entries.chain([0; 2 * BLOCK]).collect()
}

/// Compresses bytes, as one member of a gzip file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::best());
    writer.write_all(bytes).expect("memory can be written");
    writer.finish().expect("memory can be written")
}

/// Decompresses a gzip file.
pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    let read = MultiGzDecoder::new(bytes).read_to_end(&mut content);
    read.expect("the bytes are a gzip file");
    content
}

/// Returns the names and the contents of the files in a package.
pub fn unpack(package: &[u8]) -> Vec<(String, Vec<u8>)> {
    let tar = gunzip(package);
    let mut rest = tar.as_slice();
    let mut files = Vec::new();
    while rest[0] != 0 {
        let text = |from: usize, to: usize| {
            let text = String::from_utf8_lossy(&rest[from..to]);
            text.trim_end_matches('\0').to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).expect("the size is octal");
        let content = rest[BLOCK..BLOCK + size].to_vec();
        files.push((text(0, 100), content));
        rest = &rest[BLOCK + size.next_multiple_of(BLOCK)..];
    }
    files
}

/// Makes a package of these files.
pub fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    gzip(&tar(files))
}
