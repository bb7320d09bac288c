using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Emr.Api;

/// <summary>The operations on security configurations. They are kept and shown; nothing in the platform acts on them.</summary>
internal sealed partial class SecurityConfigurationCalls(ApiServer api, EmrResources resources)
{
    private const string Data = "securityConfigurationData";

    public AwsAnswer Create(AwsCall call)
    {
        var (input, shape) = (call.Input, new RequestShape());
        shape.Map(input, "", "clientToken", "name", "containerProvider", Data, "tags");
        shape.Required(input["clientToken"], "clientToken", 64, EmrPatterns.NotBlank());
        shape.Required(input["name"], "name", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
        if (input["containerProvider"] is { } provider)
        {
            VirtualClusterCalls.ReadProvider(shape, provider);
        }

        StartJobRunReader.ReadTags(shape, input["tags"]);
        ReadData(shape, input[Data]);
        return shape.Problem is { } problem ? EmrAnswers.Invalid(problem) : EmrAnswers.Of(
            resources.Earlier(EmrTypes.SecurityConfiguration, input) ?? resources.Create(
                EmrTypes.SecurityConfiguration,
                "securityconfigurations",
                EmrIds.SecurityConfiguration(api.Chance.For("emr/security-configuration", api.Store.ResourceVersion + 1)),
                input,
                call.Caller.Arn),
            EmrAnswers.Made);
    }

    public AwsAnswer Describe(AwsCall call) => EmrAnswers.WrongIds(call, "id") is { } wrong ? wrong
        : api.Store.Get(EmrTypes.SecurityConfiguration, "", call.Text("id")!) is { } known ? AwsAnswer.Ok(("securityConfiguration", Print(known)))
        : EmrAnswers.Refuse(EmrRefusal.NotFound($"Security configuration {call.Text("id")} doesn't exist."));

    public AwsAnswer List(AwsCall call) => EmrAnswers.Page(
        call, "securityConfigurations", [], filter => filter.Youngest(api.Store.List(EmrTypes.SecurityConfiguration)), Print);

    private static void ReadData(RequestShape shape, Tree? tree)
    {
        if (tree is null or TreeNull)
        {
            shape.Missing(Data, "a map with authorizationConfiguration");
        }

        const string Authorization = Data + ".authorizationConfiguration";
        const string LakeFormation = Authorization + ".lakeFormationConfiguration";
        const string Home = LakeFormation + ".secureNamespaceInfo";
        const string Encryption = Authorization + ".encryptionConfiguration";
        const string Tls = Encryption + ".inTransitEncryptionConfiguration.tlsCertificateConfiguration";
        var data = shape.Map(tree, Data, "authorizationConfiguration");
        var authorization = shape.Map(data["authorizationConfiguration"], Authorization, "lakeFormationConfiguration", "encryptionConfiguration");
        var lake = shape.Map(authorization["lakeFormationConfiguration"], LakeFormation, "authorizedSessionTagValue", "secureNamespaceInfo", "queryEngineRoleArn");
        shape.Text(lake["authorizedSessionTagValue"], LakeFormation + ".authorizedSessionTagValue", 512, SessionTagPattern(), "1 to 512 of the characters . - _ / # A-Z a-z 0-9 and blank");
        shape.Text(lake["queryEngineRoleArn"], LakeFormation + ".queryEngineRoleArn", 2048, EmrPatterns.Role(), EmrPatterns.RoleAllowed);
        var home = shape.Map(lake["secureNamespaceInfo"], Home, "clusterId", "namespace");
        shape.Text(home["clusterId"], Home + ".clusterId", 100);
        shape.Text(home["namespace"], Home + ".namespace", 63);
        var encryption = shape.Map(authorization["encryptionConfiguration"], Encryption, "inTransitEncryptionConfiguration");
        var transit = shape.Map(encryption["inTransitEncryptionConfiguration"], Encryption + ".inTransitEncryptionConfiguration", "tlsCertificateConfiguration");
        var tls = shape.Map(transit["tlsCertificateConfiguration"], Tls, "certificateProviderType", "publicCertificateSecretArn", "privateCertificateSecretArn");
        if (tls["certificateProviderType"] is { } kind && kind.Text != "PEM")
        {
            shape.Refuse(Tls + ".certificateProviderType", kind, "PEM");
        }

        foreach (var secret in new[] { "publicCertificateSecretArn", "privateCertificateSecretArn" })
        {
            shape.Text(tls[secret], $"{Tls}.{secret}", 2048, SecretPattern(), "the ARN of a secret of Secrets Manager");
        }
    }

    private static TreeMap Print(ApiObject known) => EmrResources.Print(known)
        .With("createdBy", known.Spec["createdBy"])
        .With(Data, known.Spec.At("request", Data));

    [GeneratedRegex(@"^[.\-_/#A-Za-z0-9 ]+$", RegexOptions.CultureInvariant)]
    private static partial Regex SessionTagPattern();

    [GeneratedRegex(@"^arn:aws[a-zA-Z0-9-]*:secretsmanager:.+:\d{12}:secret:[0-9a-zA-Z/_+=.@-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex SecretPattern();
}
