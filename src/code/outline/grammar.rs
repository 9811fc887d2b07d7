//! Names of nodes in each grammar.

use crate::code::Name;

/// A language that is read for its declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tongue {
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// C#.
    CSharp,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
}

/// What the walk looks for in one language.
pub(super) struct Kinds {
    pub types: &'static [&'static str],
    pub functions: &'static [&'static str],
    pub calls: &'static [&'static str],
    pub marks: &'static [&'static str],
    pub imports: &'static [&'static str],
    pub comments: &'static [&'static str],
    /// Declarations that give a name a value.
    pub constants: &'static [&'static str],
    /// Lists of arguments.
    pub lists: &'static [&'static str],
    /// Functions without a name.
    pub closures: &'static [&'static str],
}

const COMMENTS: &[&str] = &["comment", "line_comment", "block_comment"];

impl Tongue {
    /// The language by its name in file kinds.
    pub fn of(id: &str) -> Option<Tongue> {
        [Tongue::Java, Tongue::Kotlin, Tongue::CSharp, Tongue::Ruby, Tongue::Php].into_iter().find(|one| one.id() == id)
    }

    /// Lower-case name as it appears in rules and reports.
    pub fn id(self) -> &'static str {
        match self {
            Tongue::Java => "java",
            Tongue::Kotlin => "kotlin",
            Tongue::CSharp => "csharp",
            Tongue::Ruby => "ruby",
            Tongue::Php => "php",
        }
    }

    pub(super) fn grammar(self) -> tree_sitter::Language {
        match self {
            Tongue::Java => tree_sitter_java::LANGUAGE.into(),
            Tongue::Kotlin => tree_sitter_kotlin_ng::LANGUAGE.into(),
            Tongue::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
            Tongue::Ruby => tree_sitter_ruby::LANGUAGE.into(),
            Tongue::Php => tree_sitter_php::LANGUAGE_PHP.into(),
        }
    }

    pub(super) fn kinds(self) -> Kinds {
        match self {
            Tongue::Java => Kinds {
                types: &["class_declaration", "record_declaration", "interface_declaration", "enum_declaration"],
                functions: &["method_declaration"],
                calls: &["method_invocation", "object_creation_expression"],
                marks: &["annotation", "marker_annotation"],
                imports: &["import_declaration"],
                comments: COMMENTS,
                constants: &["variable_declarator"],
                lists: &["argument_list", "annotation_argument_list"],
                closures: &["lambda_expression", "method_reference"],
            },
            Tongue::Kotlin => Kinds {
                types: &["class_declaration", "object_declaration"],
                functions: &["function_declaration"],
                calls: &["call_expression", "constructor_invocation"],
                marks: &["annotation"],
                imports: &["import"],
                comments: COMMENTS,
                constants: &["property_declaration"],
                lists: &["value_arguments"],
                closures: &["lambda_literal", "annotated_lambda", "callable_reference", "anonymous_function"],
            },
            Tongue::CSharp => Kinds {
                types: &["class_declaration", "record_declaration", "struct_declaration", "interface_declaration"],
                functions: &["method_declaration", "local_function_statement"],
                calls: &["invocation_expression", "object_creation_expression", "implicit_object_creation_expression"],
                marks: &["attribute"],
                imports: &["using_directive"],
                comments: COMMENTS,
                constants: &["variable_declarator"],
                lists: &["argument_list", "attribute_argument_list", "initializer_expression"],
                closures: &["lambda_expression", "anonymous_method_expression"],
            },
            Tongue::Ruby => Kinds {
                types: &["class", "module"],
                functions: &["method", "singleton_method"],
                calls: &["call"],
                marks: &[],
                imports: &[],
                comments: COMMENTS,
                constants: &["assignment"],
                lists: &["argument_list"],
                closures: &["lambda", "block", "do_block"],
            },
            Tongue::Php => Kinds {
                types: &["class_declaration", "trait_declaration", "enum_declaration"],
                functions: &["method_declaration", "function_definition"],
                calls: &[
                    "member_call_expression",
                    "scoped_call_expression",
                    "function_call_expression",
                    "object_creation_expression",
                    "nullsafe_member_call_expression",
                ],
                marks: &["attribute"],
                imports: &["namespace_use_clause"],
                comments: COMMENTS,
                constants: &["const_element", "property_element"],
                lists: &["arguments"],
                closures: &["arrow_function", "anonymous_function"],
            },
        }
    }
}

/// A name of the source, dotted: without sigils, type arguments and line breaks.
pub(super) fn dotted(text: &str) -> Name {
    let text = text.replace("::", ".").replace("?->", ".").replace("->", ".").replace("?.", ".").replace('\\', ".");
    let text = text.split('<').next().unwrap_or_default();
    let clean: String = text.chars().filter(|one| !one.is_whitespace() && *one != '$' && *one != '@').collect();
    Name::new(clean.trim_matches('.'))
}
