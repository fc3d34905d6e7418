//! A small disk of its own for what a test fills up.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system in a folder; unmounted at the end.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one over a folder, which is made; `None` where that is not allowed, which is said.
    pub fn mount(folder: &Path, size: &str) -> Option<SmallDisk> {
        std::fs::create_dir_all(folder).unwrap();
        if mounted(folder, &format!("size={size}")) {
            return Some(SmallDisk(folder.to_owned()));
        }
        eprintln!("not allowed to mount a small disk: nothing tested");
        None
    }

    /// Gives it another size.
    pub fn resize(&self, size: &str) {
        assert!(mounted(&self.0, &format!("remount,size={size}")));
    }

    /// Takes all the room that is left. Returns the file that has it.
    pub fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut filler = std::fs::File::create(&path).unwrap();
        while filler.write_all(&[0; 4_096]).is_ok() {}
        path
    }
}

fn mounted(folder: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
    let mount = mount.arg(folder).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
