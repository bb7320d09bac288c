using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Schema;

public class ProtobufBodyTests
{
    private static readonly ResourceType Deployment = new("apps", "v1", "Deployment", "deployments", true, true);

    [Fact]
    public void A_message_is_read_as_the_document_that_JSON_would_have()
    {
        var resources = Part(1, [.. Text(1, "cpu"), .. Part(2, Text(1, "250m"))]);
        byte[] probe = [.. Part(1, Part(2, [.. Text(1, "/"), .. Part(2, [.. Whole(1, 1), .. Text(3, "http")])])), .. Whole(2, 5), .. Whole(3, 0)];
        byte[] container = [.. Text(1, "a"), .. Text(2, "nginx"), .. Text(5, ""), .. Part(8, resources), .. Part(10, probe), .. Whole(18, 0)];
        byte[] volume = [.. Text(1, "v"), .. Part(2, Part(2, []))];
        byte[] pod =
        [
            .. Part(1, volume), .. Part(2, container), .. Text(3, ""), .. Whole(4, 0), .. Part(7, [.. Text(1, "disk"), .. Text(2, "ssd")]), .. Whole(11, 0),
            .. Part(14, Whole(2, 0)), .. Whole(21, 0),
        ];
        byte[] metadata = [.. Text(1, "web"), .. Text(3, ""), .. Part(8, [.. Whole(1, 1_700_000_000), .. Whole(2, 0)]), .. Part(11, [.. Text(1, "k"), .. Text(2, "v")])];
        byte[] template = [.. Part(1, Part(8, [])), .. Part(2, pod)];
        byte[] spec = [.. Whole(1, 0), .. Part(3, template), .. Part(4, Part(2, Part(1, [.. Whole(1, 0), .. Whole(2, 25)]))), .. Whole(5, 0), .. Whole(7, 0), .. Whole(99, 3)];
        var document = Assert.IsType<ProtobufResult.Document>(ProtobufBody.Read(Envelope("apps/v1", "Deployment", [.. Part(1, metadata), .. Part(2, spec)]), Deployment)).Content;
        Assert.Equal(
            TreeJson.Parse(
                """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"creationTimestamp":"2023-11-14T22:13:20Z","labels":{"k":"v"},"name":"web"},
                 "spec":{"replicas":0,"strategy":{"rollingUpdate":{"maxUnavailable":25}},"template":{"metadata":{},"spec":{"automountServiceAccountToken":false,
                 "containers":[{"image":"nginx","livenessProbe":{"httpGet":{"path":"/","port":"http"},"initialDelaySeconds":5},"name":"a","resources":{"limits":{"cpu":"250m"}}}],
                 "nodeSelector":{"disk":"ssd"},"securityContext":{"runAsUser":0},"terminationGracePeriodSeconds":0,"volumes":[{"emptyDir":{},"name":"v"}]}}}}
                """).ToString(),
            document.ToString());
    }

    [Fact]
    public void Whatever_is_no_plain_field_has_its_own_form()
    {
        // A list in a message of its own, a packed list, bytes, a list that JSON has one level higher, and JSON within protobuf.
        Assert.Equal(
            "{\"spec\":{\"extra\":{\"scopes\":[\"a\",\"b\"]},\"user\":\"me\"}}",
            Read("authorization.k8s.io/v1", "SubjectAccessReview", Part(2, [.. Text(3, "me"), .. Part(5, [.. Text(1, "scopes"), .. Part(2, [.. Text(1, "a"), .. Text(1, "b")])])])));
        Assert.Equal(
            "{\"spec\":{\"securityContext\":{\"supplementalGroups\":[1,300,-1]}}}",
            Read("v1", "Pod", Part(2, Part(14, [.. Part(4, [1, 0xac, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])]))));
        Assert.Equal("{\"data\":{\"a\":\"AP8=\"},\"immutable\":false}", Read("v1", "Secret", [.. Part(2, [.. Text(1, "a"), .. Part(2, [0, 255])]), .. Whole(5, 0)]));
        Assert.Equal(
            "{\"webhooks\":[{\"rules\":[{\"apiGroups\":[\"apps\"],\"operations\":[\"CREATE\"]}]}]}",
            Read("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", Part(2, Part(3, [.. Text(1, "CREATE"), .. Part(2, Text(1, "apps"))]))));
        Assert.Equal(
            "{\"metadata\":{\"managedFields\":[{\"fieldsV1\":{\"f:data\":{}},\"manager\":\"me\"}]}}",
            Read("v1", "ConfigMap", Part(1, Part(17, [.. Text(1, "me"), .. Part(7, Text(1, "{\"f:data\":{}}"))]))));
        Assert.Equal("{\"spec\":{\"renewTime\":\"2023-11-14T22:13:20.000123Z\"}}", Read("coordination.k8s.io/v1", "Lease", Part(2, Part(4, [.. Whole(1, 1_700_000_000), .. Whole(2, 123_456)]))));
        Assert.Equal("{\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Orphan\"}", Read("policy/v1", "DeleteOptions", [.. Whole(1, 0), .. Text(4, "Orphan")]));
        Assert.Equal(
            "{\"spec\":{\"versions\":[{\"schema\":{\"openAPIV3Schema\":{\"additionalProperties\":{\"type\":\"string\"},\"default\":{\"a\":1},\"items\":{\"type\":\"integer\"},\"maximum\":1.5}}}]}}",
            Read("apiextensions.k8s.io/v1", "CustomResourceDefinition", Part(2, Part(7, Part(4, Part(1,
            [
                .. Part(8, Text(1, "{\"a\":1}")), (9 << 3) | 1, .. BitConverter.GetBytes(1.5), .. Part(24, Part(1, Text(5, "integer"))), .. Part(30, [.. Whole(1, 1), .. Part(2, Text(5, "string"))]),
            ]))))));
    }

    [Theory]
    [InlineData("", "the object provided is unrecognized (must be of type Deployment): empty data (<empty>)")]
    [InlineData("7b7d", "the object provided is unrecognized (must be of type Deployment): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (7b7d)")]
    [InlineData("6b387300", "the object provided is unrecognized (must be of type Deployment): empty body (6b387300)")]
    [InlineData("6b3873000aff", "the object provided is unrecognized (must be of type Deployment): unexpected EOF (6b3873000aff)")]
    [InlineData("6b38730012030a05 61", "Deployment in version \"v1\" cannot be handled as a Deployment: unexpected EOF")]
    [InlineData("6b387300120408 0105 00", "Deployment in version \"v1\" cannot be handled as a Deployment: proto: wrong wireType = 0 for field metadata")]
    [InlineData("6b387300120117", "Deployment in version \"v1\" cannot be handled as a Deployment: proto: illegal wireType 7")]
    [InlineData("6b3873001202 8080", "Deployment in version \"v1\" cannot be handled as a Deployment: unexpected EOF")]
    public void What_is_broken_is_said_in_Gos_words(string hex, string message)
    {
        var broken = Assert.IsType<ProtobufResult.Broken>(ProtobufBody.Read(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Deployment));
        Assert.Equal(message, broken.Message);
    }

    [Theory]
    [InlineData("karpenter.sh/v1", "NodePool")]
    [InlineData("v1", "Nothing")]
    public void Kinds_without_a_protobuf_form_are_unknown(string version, string kind) =>
        Assert.IsType<ProtobufResult.Unknown>(ProtobufBody.Read(Envelope(version, kind, []), Deployment));

    [Fact]
    public void No_cut_or_bent_message_is_more_than_refused()
    {
        var whole = Envelope("v1", "Pod", [.. Part(1, Text(1, "p")), .. Part(2, [.. Part(2, [.. Text(1, "a"), .. Text(2, "b")]), .. Whole(4, 30)])]);
        for (var at = 0; at < whole.Length; at++)
        {
            ProtobufBody.Read(whole.AsSpan(..at), CoreTypes.Pod);
            foreach (var bit in Enumerable.Range(0, 8))
            {
                var bent = whole.ToArray();
                bent[at] ^= (byte)(1 << bit);
                ProtobufBody.Read(bent, CoreTypes.Pod);
            }
        }
    }

    [Theory]
    [InlineData("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"hostNetwork\":false,\"nodeName\":\"\",\"priority\":0}}", "{\"priority\":0}")]
    [InlineData("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"hostUsers\":false,\"tolerations\":[{\"key\":\"a\",\"value\":\"\",\"tolerationSeconds\":0}]}}", "{\"hostUsers\":false,\"tolerations\":[{\"key\":\"a\",\"tolerationSeconds\":0}]}")]
    public void A_zero_that_means_nothing_is_not_kept(string json, string spec)
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(Sparkwright.Kubernetes.Schema.Decoder.Decode(CoreTypes.Pod, (TreeMap)TreeJson.Parse(json)));
        Assert.Equal(spec, decoded.Document["spec"]!.ToString());
    }

    private static string Read(string version, string kind, byte[] message) =>
        Assert.IsType<ProtobufResult.Document>(ProtobufBody.Read(Envelope(version, kind, message), Deployment)).Content.With("apiVersion", null).With("kind", null).ToString();

    private static byte[] Envelope(string version, string kind, byte[] message) =>
        [.. "k8s\0"u8, .. Part(1, [.. Text(1, version), .. Text(2, kind)]), .. Part(2, message), .. Text(3, ""), .. Text(4, "")];

    private static byte[] Text(int number, string text) => Part(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Part(int number, byte[] bytes) => [.. Varint(((ulong)number << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Whole(int number, long value) => [.. Varint((ulong)number << 3), .. Varint((ulong)value)];

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 128; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
