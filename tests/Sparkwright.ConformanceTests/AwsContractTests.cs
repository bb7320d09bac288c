using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Blueprint;

namespace Sparkwright.ConformanceTests;

/// <summary>
/// The other services against botocore's models, without a wire: each operation that we claim is one of the model's, at its route; it does not
/// take a request without a required member; and what the questions that need nothing answer has the members and types of the model.
/// </summary>
public sealed class AwsContractTests
{
    /// <summary>Signing names and the names under which botocore keeps the models.</summary>
    private static readonly (string SigningName, string Model)[] Services =
    [
        ("aps", "amp"), ("ec2", "ec2"), ("eks", "eks"), ("fis", "fis"), ("grafana", "grafana"), ("iam", "iam"), ("logs", "logs"), ("ssm", "ssm"), ("sts", "sts"),
    ];

    /// <summary>They need one of two members, which the model cannot say.</summary>
    private static readonly string[] AskMore = ["ec2 DescribeLaunchTemplateVersions", "logs DescribeLogStreams"];

    private static readonly AwsCaller Admin = new("arn:aws:iam::111122223333:user/admin", "AIDAAAAAAAAAAAAAAAAA", "AKIAAAAAAAAAAAAAAAAA");

    [Fact]
    public async Task Every_operation_that_we_claim_is_as_the_model_has_it()
    {
        var models = await BotocoreModel.Read(Services.Select(one => one.Model));
        var world = WorldBuilder.Build(WorldSettings.For(BuiltInBlueprint.Load(), 1));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(15));
        Assert.Equal(world.AwsServices.Select(one => one.SigningName).Except(["emr-containers"]).Order(StringComparer.Ordinal), Services.Select(one => one.SigningName));
        var faults = new List<string>();
        foreach (var (name, model) in Services)
        {
            var service = world.AwsServices.First(one => one.SigningName == name);
            foreach (var operation in service.Operations)
            {
                Check(service, operation, models[model], faults);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Distinct(StringComparer.Ordinal)));
    }

    private static void Check(AwsService service, AwsOperation operation, BotocoreModel model, List<string> faults)
    {
        var where = $"{service.SigningName} {operation.Name}";
        if (model.Operations[operation.Name] is not { } known)
        {
            faults.Add($"{where}: the model has no such operation");
            return;
        }

        var shape = known.At("input", "shape")?.Text is { } input ? model.Shapes[input] : null;
        if (service.Protocol is AwsProtocol.RestJson && !Routes(operation).Equals(Routes(known), StringComparison.Ordinal))
        {
            faults.Add($"{where}: {operation.Method} {operation.Path} is at {known.At("http", "method")?.Text} {known.At("http", "requestUri")?.Text}");
        }

        var required = Tree.ItemsOf(shape?["required"]).ToArray().Select(one => one.Text!).ToArray();
        foreach (var member in required.Where(member => shape!.At("members", member, "location")?.Text != "uri"))
        {
            var given = required.Where(other => other != member).Aggregate(TreeMap.Empty, (map, other) => map.With(WireName(service, shape!, other), Sample(model, shape!.At("members", other, "shape")!.Text!)));
            switch (operation.Answer(new AwsCall(operation.Name, given, Admin)))
            {
                case AwsAnswer.Refused { Error.Status: >= 400 and < 500 }:
                    break;
                case var other:
                    faults.Add($"{where}: without {member} it answers {other}");
                    break;
            }
        }

        if (required.Length == 0 && !AskMore.Contains(where) && (operation.Name.StartsWith("List", StringComparison.Ordinal) || operation.Name.StartsWith("Describe", StringComparison.Ordinal) || operation.Name.StartsWith("GetCaller", StringComparison.Ordinal)))
        {
            var answer = operation.Answer(new AwsCall(operation.Name, TreeMap.Empty, Admin));
            if (answer is AwsAnswer.Done done && known.At("output", "shape")?.Text is { } output)
            {
                faults.AddRange(model.Faults(done.Output, output, where, isXml: service.Protocol is AwsProtocol.Query or AwsProtocol.Ec2Query));
            }
            else
            {
                faults.Add($"{where}: asked for nothing in particular it answers {answer}");
            }
        }
    }

    /// <summary>A route whose labels have no names: they are ours to give.</summary>
    private static string Routes(AwsOperation operation) => Nameless(operation.Method, operation.Path);

    private static string Routes(Tree known) => Nameless(known.At("http", "method")?.Text, known.At("http", "requestUri")?.Text);

    private static string Nameless(string? method, string? path) =>
        $"{method} {string.Join('/', (path ?? "").Split('?')[0].TrimEnd('/').Split('/').Select(static part => part.StartsWith('{') ? "{}" : part))}";

    /// <summary>How a member is called in a request: in EC2's forms by its query name.</summary>
    private static string WireName(AwsService service, Tree shape, string member)
    {
        var place = shape.At("members", member);
        var name = place?["queryName"]?.Text ?? place?["locationName"]?.Text ?? member;
        return service.Protocol is AwsProtocol.Ec2Query ? char.ToUpperInvariant(name[0]) + name[1..] : name;
    }

    private static Tree Sample(BotocoreModel model, string shapeName) => model.Shapes.At(shapeName, "type")?.Text switch
    {
        "structure" => TreeMap.Empty,
        "map" => TreeMap.Of(("a", "b")),
        "list" => TreeList.Of(Sample(model, model.Shapes.At(shapeName, "member", "shape")!.Text!)),
        "integer" or "long" or "timestamp" => 1,
        "boolean" => true,
        _ => model.Shapes.At(shapeName, "enum") is TreeList { Count: > 0 } words ? words.Span[0] : "a",
    };
}
