//! How large pictures are: read from the first bytes of their files, once for each version of one.

use std::io::Read;
use std::path::Path;

use quick_cache::sync::Cache;

use super::Publisher;
use crate::fingerprint::Fingerprint;
use crate::item::Image;
use crate::media;

/// How many pictures are remembered.
const REMEMBERED: usize = 10_000;

/// How many bytes of a file are looked at: JPEG may have a preview and colour profiles before the
/// size.
const HEAD: u64 = 512 * 1024;

/// Width and height in pixels by the file's fingerprint; `None` for what is no picture.
pub(super) struct Sizes(Cache<u64, Option<(u32, u32)>>);

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes(Cache::new(REMEMBERED))
    }
}

impl Publisher<'_> {
    /// Looks at the file of a picture that is the newsroom's own, and says how large it is.
    pub(super) fn measure(&self, image: &mut Image) {
        let Some(path) = media::local_path(&self.setup.config.site.base_url, &image.url) else {
            return;
        };
        let Some(stat) = self.files.get(&*path) else {
            return;
        };
        let version = Fingerprint::default()
            .text(&path)
            .number(stat.size)
            .number(stat.modified.cast_unsigned())
            .number(stat.inode)
            .finish();
        let sizes = &self.cache.sizes.0;
        image.size = match sizes.get(&version) {
            Some(size) => size,
            None => {
                let size = size(&self.setup.root.join(&path));
                sizes.insert(version, size);
                size
            }
        };
    }
}

/// The size of the picture in a file. One that cannot be read is shown without: it may be on its
/// way, and whoever publishes it is told when that fails.
fn size(path: &Path) -> Option<(u32, u32)> {
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    let size = imagesize::blob_size(&head).ok()?;
    Some((
        u32::try_from(size.width).ok()?,
        u32::try_from(size.height).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_stands_at_the_head_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let size_of = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            size(&path)
        };
        let png = [
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
            &640u32.to_be_bytes(),
            &480u32.to_be_bytes(),
            &[8, 2, 0, 0, 0],
        ]
        .concat();
        assert_eq!(size_of(&png), Some((640, 480)));
        assert_eq!(size_of(b"GIF89a\x10\x00\x08\x00\0\0\0"), Some((16, 8)));
        assert_eq!(size_of(b"no picture at all"), None);
        assert_eq!(size_of(b""), None);
        assert_eq!(size(&folder.path().join("absent")), None);
    }
}
