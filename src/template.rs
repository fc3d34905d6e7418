//! The Handlebars registry and its helpers.
