//! Functions, types, implementations, modules and imports.

use syn::{Fields, FnArg, ImplItem, Item, TraitItem, UseTree};

use super::{Lower, push, text};
use crate::code::{
    Assignment, Block, Class, ClassField, ClassId, ClassKind, Export, ExportTarget, Function, FunctionId, FunctionKind,
    Import, ImportItem, Name, Parameter, ParameterKind, Place, StatementKind, ValueId, ValueKind,
};
use crate::source::Span;

impl Lower {
    pub(super) fn items(&mut self, items: &[Item], block: &mut Block) {
        for item in items {
            self.item(item, block);
        }
    }

    /// Lowers one item; what it defines joins the inline module around it.
    pub(super) fn item(&mut self, item: &Item, block: &mut Block) {
        match item {
            Item::Fn(item) => {
                let kind = FunctionKind::Function;
                let id = self.signature(kind, &item.attrs, &item.sig, Some(&item.block), None);
                let span = self.module.function(id).span;
                self.member(None, Some(id), None, span);
                push(block, StatementKind::Function(id), span);
            }
            Item::Struct(item) => {
                let span = self.place_of(&item.struct_token).to(self.place(item.ident.span()));
                let id = self.open_class(ClassKind::Class, &item.ident, &item.attrs, span);
                self.fields(&item.fields, id);
                self.define(id, block);
            }
            Item::Union(item) => {
                let span = self.place_of(&item.union_token).to(self.delimited(&item.fields.brace_token.span));
                let id = self.open_class(ClassKind::Class, &item.ident, &item.attrs, span);
                self.fields(&Fields::Named(item.fields.clone()), id);
                self.define(id, block);
            }
            Item::Enum(item) => self.enumeration(item, block),
            Item::Trait(item) => self.interface(item, block),
            Item::Impl(item) => self.implementation(item, block),
            Item::Mod(item) => self.inline_module(item, block),
            Item::Use(item) => {
                let public = matches!(item.vis, syn::Visibility::Public(_));
                self.import(&item.tree, Name::default(), public);
            }
            Item::ExternCrate(item) => {
                let span = self.place(item.ident.span());
                let local = item.rename.as_ref().map_or_else(|| text(&item.ident), |(_, name)| text(name));
                self.add_import(text(&item.ident), ImportItem::Module, local, span, false);
            }
            Item::Const(item) => self.constant(&item.ident, &item.ty, &item.expr, &item.attrs, block),
            Item::Static(item) => self.constant(&item.ident, &item.ty, &item.expr, &item.attrs, block),
            Item::Type(item) => {
                let span = self.place_of(&item.type_token).to(self.place_of(&item.semi_token));
                let id = self.open_class(ClassKind::Alias, &item.ident, &item.attrs, span);
                let base = self.type_value(&item.ty);
                self.module.classes[id.index()].bases.push(base);
                self.define(id, block);
            }
            Item::Macro(item) if item.ident.is_none() => self.item_macro(&item.mac, block),
            _ => {}
        }
    }

    fn define(&mut self, id: ClassId, block: &mut Block) {
        let class = self.module.class(id);
        let (name, span) = (class.name.clone(), class.span);
        self.member(Some((id, name)), None, None, span);
        push(block, StatementKind::Class(id), span);
    }

    /// Adds a definition to the inline module around it.
    fn member(
        &mut self,
        class: Option<(ClassId, Name)>,
        function: Option<FunctionId>,
        value: Option<(Name, ValueId)>,
        span: Span,
    ) {
        let Some(namespace) = self.namespace else { return };
        if let Some(function) = function {
            self.module.functions[function.index()].class = Some(namespace);
            self.module.functions[function.index()].is_static = true;
            self.module.classes[namespace.index()].methods.push(function);
        }
        let value = match class {
            Some((class, name)) => Some((name, self.add(ValueKind::Class(class), span))),
            None => value,
        };
        if let Some((name, value)) = value {
            let field = ClassField { value: Some(value), is_static: true, ..new_field(name, None, span) };
            self.module.classes[namespace.index()].fields.push(field);
        }
    }

    fn open_class(
        &mut self,
        kind: ClassKind,
        ident: &syn::Ident,
        attributes: &[syn::Attribute],
        span: Span,
    ) -> ClassId {
        let name_span = self.place(ident.span());
        let whole = attributes.first().map_or(span, |first| self.place(first.pound_token.span).to(span));
        let class = Class {
            kind,
            name: text(ident),
            name_span,
            bases: Vec::new(),
            keywords: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            decorators: self.decorators(attributes),
            documentation: self.documentation(attributes),
            scope: self.scope,
            body: None,
            span: whole,
        };
        self.module.add_class(class)
    }

    fn fields(&mut self, fields: &Fields, id: ClassId) {
        match fields {
            Fields::Named(list) => self.grow(id, self.delimited(&list.brace_token.span)),
            Fields::Unnamed(list) => self.grow(id, self.delimited(&list.paren_token.span)),
            Fields::Unit => {}
        }
        for (at, field) in fields.iter().enumerate() {
            let name = field.ident.as_ref().map_or_else(|| Name::from(at.to_string()), text);
            let annotation = self.type_value(&field.ty);
            let span = field.ident.as_ref().map(|ident| self.place(ident.span())).unwrap_or(self.span(annotation));
            let span = span.to(self.span(annotation));
            let field = ClassField {
                decorators: self.decorators(&field.attrs),
                documentation: self.documentation(&field.attrs),
                ..new_field(name, Some(annotation), span)
            };
            self.module.classes[id.index()].fields.push(field);
        }
    }

    fn grow(&mut self, id: ClassId, to: Span) {
        let class = &mut self.module.classes[id.index()];
        class.span = class.span.to(to);
    }

    fn enumeration(&mut self, item: &syn::ItemEnum, block: &mut Block) {
        let span = self.place_of(&item.enum_token).to(self.delimited(&item.brace_token.span));
        let id = self.open_class(ClassKind::Enum, &item.ident, &item.attrs, span);
        for variant in &item.variants {
            let span = self.place(variant.ident.span());
            let annotation = self.payload(variant, span);
            let value = variant.discriminant.as_ref().map(|(_, value)| self.expression(value));
            let field = ClassField {
                value,
                is_static: true,
                decorators: self.decorators(&variant.attrs),
                documentation: self.documentation(&variant.attrs),
                ..new_field(text(&variant.ident), annotation, span)
            };
            self.module.classes[id.index()].fields.push(field);
        }
        self.define(id, block);
    }

    fn payload(&mut self, variant: &syn::Variant, span: Span) -> Option<ValueId> {
        match &variant.fields {
            Fields::Unit => None,
            Fields::Named(_) => {
                let class = self.open_class(ClassKind::Class, &variant.ident, &[], span);
                self.fields(&variant.fields, class);
                Some(self.add(ValueKind::Class(class), span))
            }
            Fields::Unnamed(list) => {
                let types: Vec<_> = list.unnamed.iter().map(|field| self.type_value(&field.ty)).collect();
                match *types {
                    [one] => Some(one),
                    _ => Some(self.add(ValueKind::Tuple(types.into()), span)),
                }
            }
        }
    }

    fn interface(&mut self, item: &syn::ItemTrait, block: &mut Block) {
        let span = self.place_of(&item.trait_token).to(self.delimited(&item.brace_token.span));
        let id = self.open_class(ClassKind::Interface, &item.ident, &item.attrs, span);
        for bound in &item.supertraits {
            if let syn::TypeParamBound::Trait(bound) = bound {
                let base = self.path(None, &bound.path);
                self.module.classes[id.index()].bases.push(base);
            }
        }
        for part in &item.items {
            match part {
                TraitItem::Fn(method) => {
                    let body = method.default.as_ref();
                    let method = self.signature(FunctionKind::Method, &method.attrs, &method.sig, body, Some(id));
                    self.module.classes[id.index()].methods.push(method);
                }
                TraitItem::Const(part) => {
                    let value = part.default.as_ref().map(|(_, value)| value);
                    self.class_constant(id, &part.ident, &part.ty, value);
                }
                _ => {}
            }
        }
        self.define(id, block);
    }

    fn implementation(&mut self, item: &syn::ItemImpl, block: &mut Block) {
        let of = self.type_value(&item.self_ty);
        let (name, name_span) = self.type_name(of);
        let ident = syn::Ident::new("implementation", proc_macro2::Span::call_site());
        let span = self.place_of(&item.impl_token).to(self.delimited(&item.brace_token.span));
        let id = self.open_class(ClassKind::Implementation, &ident, &item.attrs, span);
        let bases = item.trait_.iter().map(|(path, _)| self.path(None, path)).collect();
        let class = &mut self.module.classes[id.index()];
        (class.name, class.name_span, class.bases) = (name.clone(), name_span, bases);
        let outside = self.self_type.replace(name);
        for part in &item.items {
            match part {
                ImplItem::Fn(method) => {
                    let body = Some(&method.block);
                    let method = self.signature(FunctionKind::Method, &method.attrs, &method.sig, body, Some(id));
                    self.module.classes[id.index()].methods.push(method);
                }
                ImplItem::Const(part) => self.class_constant(id, &part.ident, &part.ty, Some(&part.expr)),
                _ => {}
            }
        }
        self.self_type = outside;
        push(block, StatementKind::Class(id), span);
    }

    /// The last name of a type, without arguments.
    fn type_name(&self, of: ValueId) -> (Name, Span) {
        let value = self.value(of);
        match &value.kind {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => (name.clone(), value.span),
            ValueKind::Generic { base, .. } => self.type_name(*base),
            _ => (Name::default(), value.span),
        }
    }

    fn class_constant(&mut self, class: ClassId, ident: &syn::Ident, of: &syn::Type, value: Option<&syn::Expr>) {
        let annotation = Some(self.type_value(of));
        let value = value.map(|value| self.expression(value));
        let span = self.place(ident.span());
        let field = ClassField { value, is_static: true, ..new_field(text(ident), annotation, span) };
        self.module.classes[class.index()].fields.push(field);
    }

    pub(super) fn constant(
        &mut self,
        ident: &syn::Ident,
        of: &syn::Type,
        value: &syn::Expr,
        _attributes: &[syn::Attribute],
        block: &mut Block,
    ) {
        let annotation = Some(self.type_value(of));
        let value = self.expression(value);
        let place = self.place(ident.span());
        self.member(None, None, Some((text(ident), value)), place);
        let places = vec![Place::Name(text(ident), place)];
        let assignment = Assignment { places, value: Some(value), annotation, declares: true, ..Assignment::default() };
        push(block, StatementKind::Assign(Box::new(assignment)), place.to(self.span(value)));
    }

    fn inline_module(&mut self, item: &syn::ItemMod, block: &mut Block) {
        let place = self.place_of(&item.mod_token).to(self.place(item.ident.span()));
        let Some((brace, items)) = &item.content else {
            let module = declared_path(item).unwrap_or_else(|| format!("self::{}", text(&item.ident)).into());
            let public = matches!(item.vis, syn::Visibility::Public(_));
            self.add_import(module, ImportItem::Module, text(&item.ident), place, public);
            return;
        };
        let span = place.to(self.delimited(&brace.span));
        let id = self.open_class(ClassKind::Class, &item.ident, &item.attrs, span);
        let body = Function { class: Some(id), ..Function::new(FunctionKind::ClassBody, span) };
        let body = self.function(body, |lower, body| {
            lower.namespace = Some(id);
            let mut inner = Block::default();
            lower.items(items, &mut inner);
            lower.module.functions[body.index()].body = inner;
        });
        self.module.classes[id.index()].body = Some(body);
        self.define(id, block);
    }

    fn import(&mut self, tree: &UseTree, prefix: Name, public: bool) {
        match tree {
            UseTree::Path(path) => {
                let prefix = joined(&prefix, &text(&path.ident));
                self.import(&path.tree, prefix, public);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix.clone(), public)),
            UseTree::Glob(glob) => {
                let span = self.place_of(&glob.star_token);
                self.add_import(prefix, ImportItem::All, Name::default(), span, public);
            }
            UseTree::Name(name) => self.import_name(&name.ident, text(&name.ident), prefix, public),
            UseTree::Rename(name) => self.import_name(&name.ident, text(&name.rename), prefix, public),
        }
    }

    fn import_name(&mut self, ident: &syn::Ident, local: Name, prefix: Name, public: bool) {
        let span = self.place(ident.span());
        let name = text(ident);
        let itself = name == "self";
        let local = if itself && local == "self" { prefix.rsplit("::").next().unwrap_or("").into() } else { local };
        let local = if local == "_" { Name::default() } else { local };
        match (itself, prefix.is_empty()) {
            (true, _) => self.add_import(prefix, ImportItem::Module, local, span, public),
            (_, true) => self.add_import(name, ImportItem::Module, local, span, public),
            _ => self.add_import(prefix, ImportItem::Name(name), local, span, public),
        }
    }

    fn add_import(&mut self, module: Name, item: ImportItem, local: Name, span: Span, public: bool) {
        if public {
            let (name, from) = match &item {
                ImportItem::All => ("*".into(), "*".into()),
                ImportItem::Module => (local.clone(), "*".into()),
                ImportItem::Name(name) => (local.clone(), name.clone()),
            };
            self.module.exports.push(Export { name, target: ExportTarget::From(module.clone(), from), span });
        }
        self.module.imports.push(Import { module, level: 0, item, local, scope: self.scope, is_type: false, span });
    }

    fn signature(
        &mut self,
        kind: FunctionKind,
        attributes: &[syn::Attribute],
        signature: &syn::Signature,
        body: Option<&syn::Block>,
        class: Option<ClassId>,
    ) -> FunctionId {
        let end =
            body.map_or(self.delimited(&signature.paren_token.span), |body| self.delimited(&body.brace_token.span));
        let span = self.place_of(&signature.fn_token).to(end);
        let span = attributes.first().map_or(span, |first| self.place(first.pound_token.span).to(span));
        let function = Function {
            name: Some(text(&signature.ident)),
            name_span: self.place(signature.ident.span()),
            decorators: self.decorators(attributes),
            documentation: self.documentation(attributes),
            is_async: signature.asyncness.is_some(),
            is_static: class.is_some() && signature.receiver().is_none(),
            is_declaration: body.is_none(),
            class,
            ..Function::new(kind, span)
        };
        self.function(function, |lower, id| {
            let parameters = signature.inputs.iter().map(|input| lower.parameter(input)).collect();
            let returns = lower.return_type(&signature.output);
            let gives = returns.is_some_and(|of| !matches!(lower.value(of).kind, ValueKind::Null));
            let body = body.map(|body| lower.body(body, gives)).unwrap_or_default();
            let function = &mut lower.module.functions[id.index()];
            (function.parameters, function.returns, function.body) = (parameters, returns, body);
        })
    }

    fn parameter(&mut self, input: &FnArg) -> Parameter {
        match input {
            FnArg::Receiver(receiver) => {
                let span = self.place(receiver.self_token.span);
                let annotation = match &receiver.kind {
                    syn::ReceiverKind::Typed(_, of) => Some(self.type_value(of)),
                    _ => None,
                };
                let place = Place::Name("self".into(), span);
                Parameter {
                    place,
                    kind: ParameterKind::Receiver,
                    annotation,
                    default: None,
                    decorators: Vec::new(),
                    span,
                }
            }
            FnArg::Typed(typed) => self.typed_parameter(typed),
        }
    }

    pub(super) fn typed_parameter(&mut self, typed: &syn::PatType) -> Parameter {
        let place = self.pattern_place(&typed.pat);
        let annotation = self.type_value(&typed.ty);
        let span = self.place_of(&typed.colon_token).to(self.span(annotation));
        let span = if let Place::Name(_, at) = &place { at.to(span) } else { span };
        let decorators = self.decorators(&typed.attrs);
        Parameter { place, kind: ParameterKind::Plain, annotation: Some(annotation), default: None, decorators, span }
    }
}

fn new_field(name: Name, annotation: Option<ValueId>, span: Span) -> ClassField {
    ClassField {
        name,
        annotation,
        value: None,
        is_static: false,
        decorators: Vec::new(),
        tag: None,
        documentation: None,
        span,
    }
}

fn joined(prefix: &Name, name: &Name) -> Name {
    if prefix.is_empty() { name.clone() } else { format!("{prefix}::{name}").into() }
}

/// `#[path = "p"] mod x;` means the file `./p`.
fn declared_path(item: &syn::ItemMod) -> Option<Name> {
    let attribute = item.attrs.iter().find(|attribute| attribute.path().is_ident("path"))?;
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) => Some(format!("./{}", path.value()).into()),
        _ => None,
    }
}
