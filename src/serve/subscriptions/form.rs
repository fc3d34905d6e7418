//! What a form says.

/// The fields of a form, in the order in which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`, in a query or a body. What is no UTF-8 has
    /// replacement characters.
    pub fn read(octets: &[u8]) -> Form {
        Form(url::form_urlencoded::parse(octets).into_owned().collect())
    }

    /// The first value of a field without the spaces around it; empty where there is none.
    pub fn value(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// All values of a field.
    pub fn values(&self, name: &str) -> Vec<String> {
        let fields = self.0.iter().filter(|(known, _)| known == name);
        fields.map(|(_, value)| value.clone()).collect()
    }
}
