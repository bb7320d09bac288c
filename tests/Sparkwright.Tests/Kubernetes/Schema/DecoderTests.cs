using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Schema;

public sealed class DecoderTests
{
    private static readonly ResourceTypes Types = new([]);

    [Theory]
    [InlineData("{spec: {containers: a}}", "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container")]
    [InlineData("{spec: {containers: [{name: 5}]}}", "json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string")]
    [InlineData("{spec: {containers: [{env: [{name: A, value: true}]}]}}", "json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string")]
    [InlineData("{spec: []}", "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec")]
    [InlineData("{metadata: {labels: {a: 1}}}", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData("{metadata: {labels: a}}", "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string")]
    [InlineData("{metadata: a}", "json: cannot unmarshal string into Go struct field Pod.metadata of type v1.ObjectMeta")]
    [InlineData("{spec: {terminationGracePeriodSeconds: '30'}}", "json: cannot unmarshal string into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64")]
    [InlineData("{spec: {priority: 3000000000}}", "json: cannot unmarshal number 3000000000 into Go struct field PodSpec.spec.priority of type int32")]
    [InlineData("{spec: {priority: 1.5}}", "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32")]
    [InlineData("{spec: {hostNetwork: 'true'}}", "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool")]
    [InlineData("{spec: {containers: [{resources: {limits: [1]}}]}}", "json: cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList")]
    [InlineData("{spec: {containers: [{resources: {limits: {memory: 10g}}}]}}", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("{spec: {containers: [{resources: {limits: {memory: 10ki}}}]}}", "unable to parse quantity's suffix")]
    [InlineData("{metadata: {creationTimestamp: yesterday}}", "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"")]
    [InlineData("{spec: {foo: 1, containers: [{name: a, bar: 2}]}}", "strict decoding error: unknown field \"spec.containers[0].bar\", unknown field \"spec.foo\"")]
    [InlineData("{spec: {foo: 1, hostNetwork: 1}}", "json: cannot unmarshal number into Go struct field PodSpec.spec.hostNetwork of type bool")]
    [InlineData("{metadata: {name: a, lables: {}}}", "strict decoding error: unknown field \"metadata.lables\"")]
    public void What_a_pod_cannot_hold_is_refused_in_the_servers_words(string yaml, string message)
    {
        var refused = Assert.IsType<DecodeResult.Refused>(Decode("v1", "Pod", yaml));
        Assert.Equal((400, "BadRequest"), (refused.Status.Code, refused.Status.Reason));
        Assert.Equal($"Pod in version \"v1\" cannot be handled as a Pod: {message}", refused.Status.Message);
    }

    [Theory]
    [InlineData("{spec: {containers: [{image: [1]}]}}", "spec.containers[0].image")]
    [InlineData("{spec: {containers: [{name: a, bar: 2}]}}", "spec.containers[0].bar")]
    [InlineData("{spec: {containers: [{name: a}, {resources: {limits: {memory: 10g}}}]}}", "spec.containers[1].resources.limits.memory")]
    public void A_refusal_knows_the_field_for_messages_with_a_line(string yaml, string path) =>
        Assert.Equal(path, Assert.IsType<DecodeResult.Refused>(Decode("v1", "Pod", yaml)).Path);

    [Theory]
    [InlineData("{resources: {requests: {cpu: 1000m, memory: 1024Mi}}}", """{"resources":{"requests":{"cpu":"1","memory":"1Gi"}}}""")]
    [InlineData("{resources: {requests: {cpu: 2, memory: 1.5}}}", """{"resources":{"requests":{"cpu":"2","memory":"1500m"}}}""")]
    [InlineData("{resources: {requests: {cpu: null}}}", """{"resources":{"requests":{"cpu":"0"}}}""")]
    [InlineData("{image: null, args: [], command: [a, null]}", """{"command":["a",""]}""")]
    [InlineData("{resources: {}, livenessProbe: {httpGet: {port: http}}}", """{"livenessProbe":{"httpGet":{"port":"http"}},"resources":{}}""")]
    [InlineData("{livenessProbe: {httpGet: {port: 80}}}", """{"livenessProbe":{"httpGet":{"port":80}}}""")]
    public void Containers_are_normalised(string container, string json)
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(Decode("v1", "Pod", $"{{spec: {{containers: [{container}]}}}}"));
        Assert.Equal(json, decoded.Document["spec"]!["containers"]!.Items[0].ToString());
    }

    [Theory]
    [InlineData("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z")]
    [InlineData("2026-01-01T00:00:00.987654321Z", "2026-01-01T00:00:00Z")]
    public void Times_are_kept_in_UTC_and_whole_seconds(string given, string kept)
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(Decode("v1", "Pod", $"{{status: {{startTime: '{given}'}}}}"));
        Assert.Equal(kept, decoded.Document.At("status", "startTime")?.Text);
    }

    [Theory]
    [InlineData("aGk=", null)]
    [InlineData("aGk", 0)]
    [InlineData("aGkh", null)]
    [InlineData("aG k", 2)]
    [InlineData("aGk=x", 4)]
    [InlineData("password!", 8)]
    public void Bytes_are_base64(string data, int? fault)
    {
        var result = Decode("v1", "Secret", $"{{data: {{k: '{data}'}}}}");
        if (fault is null)
        {
            Assert.IsType<DecodeResult.Decoded>(result);
        }
        else
        {
            Assert.EndsWith($": illegal base64 data at input byte {fault}", Assert.IsType<DecodeResult.Refused>(result).Status.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Unknown_fields_follow_field_validation()
    {
        const string pod = "{metadata: {name: a}, spec: {foo: 1, nodeName: abc}}";
        Assert.IsType<DecodeResult.Refused>(Decode("v1", "Pod", pod));
        var warned = Assert.IsType<DecodeResult.Decoded>(Decode("v1", "Pod", pod, FieldValidation.Warn));
        Assert.Equal(["unknown field \"spec.foo\""], warned.Warnings);
        Assert.Equal("""{"nodeName":"abc"}""", warned.Document["spec"]!.ToString());
        Assert.Empty(Assert.IsType<DecodeResult.Decoded>(Decode("v1", "Pod", pod, FieldValidation.Ignore)).Warnings);
    }

    [Fact]
    public void Duplicate_fields_of_json_are_found_and_refused()
    {
        var duplicates = new List<string>();
        var tree = (TreeMap)TreeJson.Parse("""{"spec":{"containers":[{"image":"a","image":"b"}],"nodeName":"x","nodeName":"y"}}"""u8, duplicates);
        Assert.Equal(["spec.containers[0].image", "spec.nodeName"], duplicates);
        var refused = Assert.IsType<DecodeResult.Refused>(Decoder.Decode(CoreTypes.Pod, tree, FieldValidation.Strict, [.. duplicates.Select(Decoder.Duplicate)]));
        Assert.EndsWith("strict decoding error: duplicate field \"spec.containers[0].image\", duplicate field \"spec.nodeName\"", refused.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_namespace_of_a_cluster_wide_kind_is_cleared()
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(Decode("v1", "Node", "{metadata: {name: abc, namespace: default}}"));
        Assert.Equal("""{"name":"abc"}""", decoded.Document["metadata"]!.ToString());
    }

    [Fact]
    public void Every_kind_has_a_schema_whose_references_resolve()
    {
        foreach (var id in ApiSchema.Definitions)
        {
            foreach (var (name, field) in ApiSchema.Definition(id).InOrder)
            {
                Walk(field, $"{id}.{name}");
            }
        }

        foreach (var type in Types.All)
        {
            Assert.True(ApiSchema.ForKind(type) is not null, type.ToString());
        }

        static void Walk(FieldSchema field, string at)
        {
            Assert.True(field.Type is not null || field.Object is not null || field.Items is not null || field.Values is not null, at);
            if ((field.Items ?? field.Values) is { } inner)
            {
                Walk(inner, at);
            }
        }
    }

    private static DecodeResult Decode(string apiVersion, string kind, string yaml, FieldValidation validation = FieldValidation.Strict)
    {
        var type = Types.Find(apiVersion, kind) ?? throw new InvalidOperationException(kind);
        var document = ((TreeMap)Yaml.Read(yaml)).With("apiVersion", apiVersion).With("kind", kind);
        return Decoder.Decode(type, document, validation);
    }
}
