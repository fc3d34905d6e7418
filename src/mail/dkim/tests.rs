use super::*;

#[test]
fn a_domain_vouches_for_itself_and_what_is_below_it() {
    let signer = Signer::new("Example.org", "s1", Key::read(&[7; 32]).unwrap());
    assert!(signer.is_aligned("example.org"));
    assert!(signer.is_aligned("news.example.org"));
    assert!(!signer.is_aligned("anexample.org"));
    assert!(!signer.is_aligned("org"));
}
