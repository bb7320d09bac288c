using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Schema;

public class SchemaCompositionsTests
{
    private const string AnyOf = "anyOf: [{required: [a]}, {required: [b]}]";
    private const string OneOf = "oneOf: [{properties: {k: {minimum: 5}}, required: [k]}, {properties: {k: {maximum: 9}}, required: [k]}]";

    [Theory]
    //          composition                                        value      what is said of it
    [InlineData(AnyOf, "{a: x}", "")]
    [InlineData(AnyOf, "{a: x, b: x}", "")]
    [InlineData(AnyOf, "{k: 1}", "[<nil>: Invalid value: \"\": \"spec\" must validate at least one schema (anyOf), spec.a: Required value]")]
    [InlineData(OneOf, "{k: 3}", "")]
    [InlineData(OneOf, "{k: 7}", "<nil>: Invalid value: \"\": \"spec\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData(OneOf, "{a: x}", "[<nil>: Invalid value: \"\": \"spec\" must validate one and only one schema (oneOf). Found none valid, spec.k: Required value]")]
    [InlineData("not: {required: [a, b]}", "{a: x}", "")]
    [InlineData("not: {required: [a, b]}", "{a: x, b: x}", "<nil>: Invalid value: \"\": \"spec\" must not validate the schema (not)")]
    [InlineData("allOf: [{required: [a]}, {anyOf: [{required: [b]}, {required: [k]}]}]", "{a: x, k: 1}", "")]
    [InlineData("allOf: [{required: [a]}, {required: [b]}]", "{a: x}", "[spec.b: Required value, <nil>: Invalid value: \"\": \"spec\" must validate all the schemas (allOf)]")]
    [InlineData("allOf: [{properties: {a: {enum: [z]}}}]", "{a: x}", "[spec.a: Unsupported value: \"x\": supported values: \"z\", <nil>: Invalid value: \"\": \"spec\" must validate all the schemas (allOf). None validated]")]
    [InlineData("allOf: [{properties: {a: {pattern: '^z', minLength: 2}}}]", "{a: zz}", "")]
    public void A_value_must_fit_what_its_schema_is_composed_of(string composition, string value, string said)
    {
        var definition = (TreeMap)Yaml.Read("""
            metadata: {name: things.example.com}
            spec:
              group: example.com
              scope: Cluster
              names: {plural: things, kind: Thing}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {a: {type: string}, b: {type: string}, k: {type: integer}}, COMPOSITION}}}}
            """.Replace("COMPOSITION", composition, StringComparison.Ordinal));
        var version = CustomKinds.Of(ApiObject.From(CoreTypes.CustomResourceDefinition, definition)).Versions[0];
        var document = TreeMap.Of(("metadata", TreeMap.Of(("name", "x"))), ("spec", Yaml.Read(value)));
        var decoded = Decoder.Decode(version.Resource.Type, version.Schema, document);
        Assert.Equal(said.Length == 0 ? "" : $"Thing.example.com \"x\" is invalid: {said}", (decoded as DecodeResult.Refused)?.Status.Message ?? "");
    }
}
