using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.OpenApi;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.OpenApi;

public class OpenApiDocumentsTests
{
    private static readonly ResourceTypes Types = new([]);

    [Theory]
    [InlineData("apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", "replicas", "{format: int32, type: integer}")]
    [InlineData("apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", "selector", "{$ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector'}")]
    [InlineData("apis/apps/v1", "io.k8s.api.apps.v1.DeploymentSpec", "template", "{allOf: [{$ref: '#/components/schemas/io.k8s.api.core.v1.PodTemplateSpec'}], default: {}}")]
    [InlineData("api/v1", "io.k8s.api.core.v1.PodSpec", "restartPolicy", "{enum: [Always, Never, OnFailure], type: string}")]
    [InlineData("api/v1", "io.k8s.api.core.v1.PodSpec", "nodeSelector", "{additionalProperties: {default: '', type: string}, type: object, x-kubernetes-map-type: atomic}")]
    [InlineData("api/v1", "io.k8s.api.core.v1.Container", "name", "{default: '', type: string}")]
    [InlineData("apis/karpenter.sh/v1", "sh.karpenter.v1.NodePool", "metadata", "{allOf: [{$ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'}], description: The metadata that every object has.}")]
    public void A_field_is_described_as_the_table_has_it(string place, string type, string field, string wanted)
    {
        var document = OpenApiDocuments.V3(OpenApiDocuments.Members(Types, place), Types, "1.33");
        Assert.Equal(Yaml.Read(wanted).ToString(), document.At("components", "schemas", type, "properties", field)!.ToString());
    }

    [Theory]
    [InlineData("io.k8s.apimachinery.pkg.api.resource.Quantity", "{oneOf: [{type: string}, {type: number}]}", "{type: string}")]
    [InlineData("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "{format: int-or-string, oneOf: [{type: integer}, {type: string}]}", "{format: int-or-string, type: string}")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.Time", "{format: date-time, type: string}", "{format: date-time, type: string}")]
    public void A_value_type_is_what_it_is_on_the_wire(string type, string third, string second)
    {
        Assert.Equal(Yaml.Read(third).ToString(), OpenApiDocuments.V3(OpenApiDocuments.Members(Types, "api/v1"), Types, "1.33").At("components", "schemas", type)!.ToString());
        Assert.Equal(Yaml.Read(second).ToString(), OpenApiDocuments.V2(Types, "1.33").At("definitions", type)!.ToString());
    }

    [Fact]
    public void What_a_document_refers_to_stands_in_it()
    {
        foreach (var document in OpenApiDocuments.GroupVersions(Types).Select(place => OpenApiDocuments.V3(OpenApiDocuments.Members(Types, place), Types, "1.33")))
        {
            Assert.DoesNotContain(References(document), id => document.At("components", "schemas", id["#/components/schemas/".Length..]) is null);
        }

        var whole = OpenApiDocuments.V2(Types, "1.33");
        Assert.DoesNotContain(References(whole), id => whole.At("definitions", id["#/definitions/".Length..]) is null);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/{namespace}/pods/{name}", "patch", "dryRun fieldManager fieldValidation force pretty name namespace")]
    [InlineData("/apis/karpenter.sh/v1/nodepools", "post", "dryRun fieldManager fieldValidation pretty")]
    [InlineData("/api/v1/namespaces/{namespace}/pods/{name}/log", "get", "container follow insecureSkipTLSVerifyBackend limitBytes pretty previous sinceSeconds stream tailLines timestamps name namespace")]
    public void An_operation_names_its_parameters(string path, string method, string wanted)
    {
        var place = path.StartsWith("/api/v1", StringComparison.Ordinal) ? "api/v1" : "apis/karpenter.sh/v1";
        var operation = OpenApiDocuments.V3(OpenApiDocuments.Members(Types, place), Types, "1.33").At("paths", path, method)!;
        Assert.Equal(wanted, string.Join(' ', operation["parameters"]!.Items.ToArray().Select(one => one["name"]!.Text)));
        Assert.Equal("v1", operation.At("x-kubernetes-group-version-kind", "version")?.Text);
    }

    [Fact]
    public void The_protobuf_form_has_the_numbers_of_gnostic()
    {
        var document = (TreeMap)Yaml.Read("{swagger: '2.0', info: {title: T}, definitions: {A: {type: string, x-b: 1}}}");
        Assert.Equal(
            "0A03322E30" + "12030A0154" + "4A1F" + "0A1D" + "0A0141" + "1218" + "B201080A06737472696E67" + "FA010A0A03782D621203120131",
            Convert.ToHexString(SwaggerProtobuf.Encode(document)));
    }

    private static IEnumerable<string> References(Tree tree) => tree switch
    {
        TreeMap map => map.Members().SelectMany(member => member is { Key: "$ref", Value: TreeText reference } ? [reference.Value] : References(member.Value)),
        TreeList list => list.Span.ToArray().SelectMany(References),
        _ => [],
    };
}
