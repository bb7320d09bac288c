using System.Text;

namespace Sparkwright.World.Ec2.UserData;

internal sealed partial class ShellRun
{
    private void RunIf(ShellNode.If branch, ShellInput input, StringBuilder output)
    {
        foreach (var (condition, body) in branch.Arms)
        {
            if (condition is null || Holds(condition, input, output))
            {
                Run(body, input, output);
                return;
            }
        }

        status = 0;
    }

    private void RunCase(ShellNode.Case choice, ShellInput input, StringBuilder output)
    {
        var value = words.Text(choice.Word);
        status = 0;
        foreach (var (patterns, body) in choice.Arms)
        {
            if (patterns.Any(pattern => ShellPattern.Matches(words.Pattern(pattern), value)))
            {
                Run(body, input, output);
                return;
            }
        }
    }

    private void RunPipeline(ShellNode.Pipeline pipeline, ShellInput input, StringBuilder output)
    {
        conditions += pipeline.Negated ? 1 : 0;
        var worst = 0;
        for (var at = 0; at < pipeline.Stages.Length; at++)
        {
            var last = at == pipeline.Stages.Length - 1;
            var between = last ? output : new StringBuilder();

            // Only the last stage's failure is the pipeline's, unless pipefail is set.
            conditions += last ? 0 : 1;
            Run(pipeline.Stages[at], input, between);
            conditions -= last ? 0 : 1;
            worst = status != 0 ? status : worst;
            input = last ? input : new ShellInput(between.ToString());
        }

        conditions -= pipeline.Negated ? 1 : 0;
        if (pipeline.Negated)
        {
            status = status == 0 ? 1 : 0;
        }
        else if (pipesFail)
        {
            Set(worst);
        }
    }

    private bool Holds(ShellNode condition, ShellInput input, StringBuilder output)
    {
        conditions++;
        Run(condition, input, output);
        conditions--;
        return status == 0;
    }

    private bool LeavesLoop()
    {
        var leaves = flow != Flow.On && flow != Flow.Continue;
        flow = flow is Flow.Break or Flow.Continue ? Flow.On : flow;
        return leaves;
    }
}
