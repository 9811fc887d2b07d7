//! Paths and types as values.

use syn::{GenericArgument, PathArguments, ReturnType, Type, TypeParamBound};

use super::{Lower, text};
use crate::code::{ValueId, ValueKind};
use crate::source::Span;

impl Lower {
    /// A path: its first segment is a name, further ones are members.
    pub(super) fn path(&mut self, qualified: Option<&syn::QSelf>, path: &syn::Path) -> ValueId {
        let mut value = qualified.map(|of| self.type_value(&of.ty));
        let skipped = qualified.map_or(0, |of| of.position);
        for segment in path.segments.iter().skip(skipped) {
            let here = self.place(segment.ident.span());
            value = Some(match value {
                None => self.first_segment(&segment.ident, here),
                Some(base) => {
                    let span = self.span(base).to(here);
                    self.add(ValueKind::Field { base, name: text(&segment.ident) }, span)
                }
            });
            value = value.map(|base| self.with_arguments(base, &segment.arguments));
        }
        match value {
            Some(value) => value,
            None => {
                let span = Span::new(self.module.source, 0, 0);
                self.unknown(Vec::new(), span)
            }
        }
    }

    fn first_segment(&mut self, ident: &syn::Ident, span: Span) -> ValueId {
        let name = text(ident);
        match (&*name, &self.self_type) {
            ("Self", Some(of)) => {
                let of = of.clone();
                self.add(ValueKind::Name(of), span)
            }
            _ => self.add(ValueKind::Name(name), span),
        }
    }

    fn with_arguments(&mut self, base: ValueId, arguments: &PathArguments) -> ValueId {
        match arguments {
            PathArguments::None => base,
            PathArguments::AngleBracketed(list) => self.generic(base, list),
            PathArguments::Parenthesized(list) => {
                let mut types: Vec<_> = list.inputs.iter().map(|input| self.type_value(&input.ty)).collect();
                types.extend(self.return_type(&list.output));
                let span = self.span(base).to(self.delimited(&list.paren_token.span));
                self.add(ValueKind::Generic { base, arguments: types.into() }, span)
            }
        }
    }

    pub(super) fn generic(&mut self, base: ValueId, list: &syn::AngleBracketedGenericArguments) -> ValueId {
        let arguments: Vec<_> = list.args.iter().filter_map(|argument| self.generic_argument(argument)).collect();
        if arguments.is_empty() {
            return base;
        }
        let span = self.span(base).to(self.place_of(&list.gt_token));
        self.add(ValueKind::Generic { base, arguments: arguments.into() }, span)
    }

    fn generic_argument(&mut self, argument: &GenericArgument) -> Option<ValueId> {
        match argument {
            GenericArgument::Type(of) => Some(self.type_value(of)),
            GenericArgument::Const(value) => Some(self.expression(value)),
            GenericArgument::AssocType(binding) => Some(self.type_value(&binding.ty)),
            _ => None,
        }
    }

    pub(super) fn return_type(&mut self, output: &ReturnType) -> Option<ValueId> {
        match output {
            ReturnType::Default => None,
            ReturnType::Type(_, of) => Some(self.type_value(of)),
        }
    }

    /// A type; references, pointers and parentheses stand for what they hold.
    pub(super) fn type_value(&mut self, of: &Type) -> ValueId {
        match of {
            Type::Path(of) => self.path(of.qself.as_ref(), &of.path),
            Type::Reference(of) => self.type_value(&of.elem),
            Type::Ptr(of) => self.type_value(&of.elem),
            Type::Paren(of) => self.type_value(&of.elem),
            Type::Group(of) => self.type_value(&of.elem),
            Type::Slice(of) => {
                let span = self.delimited(&of.bracket_token.span);
                self.list_of(&of.elem, span)
            }
            Type::Array(of) => {
                let span = self.delimited(&of.bracket_token.span);
                self.list_of(&of.elem, span)
            }
            Type::Tuple(of) => {
                let span = self.delimited(&of.paren_token.span);
                let parts: Vec<_> = of.elems.iter().map(|part| self.type_value(part)).collect();
                let kind = if parts.is_empty() { ValueKind::Null } else { ValueKind::Tuple(parts.into()) };
                self.add(kind, span)
            }
            Type::ImplTrait(of) => {
                let place = self.place_of(&of.impl_token);
                self.bounds(of.bounds.iter(), place)
            }
            Type::TraitObject(of) => {
                let place = of.dyn_token.map(|token| self.place(token.span));
                let place = place.unwrap_or_else(|| Span::new(self.module.source, 0, 0));
                self.bounds(of.bounds.iter(), place)
            }
            Type::FnPtr(of) => {
                let place = self.place_of(&of.fn_token);
                let mut types: Vec<_> = of.inputs.iter().map(|input| self.type_value(&input.ty)).collect();
                types.extend(self.return_type(&of.output));
                let base = self.name("fn", place);
                self.add(ValueKind::Generic { base, arguments: types.into() }, place)
            }
            Type::Never(of) => {
                let place = self.place_of(&of.bang_token);
                self.name("!", place)
            }
            Type::Infer(of) => {
                let place = self.place_of(&of.underscore_token);
                self.name("_", place)
            }
            other => {
                let place = self.place_of(other);
                self.unknown(Vec::new(), place)
            }
        }
    }

    fn list_of(&mut self, element: &Type, span: Span) -> ValueId {
        let element = self.type_value(element);
        let base = self.name("[]", span);
        self.add(ValueKind::Generic { base, arguments: Box::new([element]) }, span)
    }

    /// The first trait of several: further ones are mostly markers.
    pub(super) fn bounds<'b>(&mut self, bounds: impl Iterator<Item = &'b TypeParamBound>, place: Span) -> ValueId {
        for bound in bounds {
            if let TypeParamBound::Trait(bound) = bound {
                return self.path(None, &bound.path);
            }
        }
        self.unknown(Vec::new(), place)
    }
}
