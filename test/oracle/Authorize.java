// Judges like Apache Kafka: rules and questions come as lines on standard input, a line `true` or `false` for each question goes out.
//   A <kind> <name> <pattern> <principal> <host> <operation> <permission>     a rule
//   Q <principal> <host> <operation> <kind> <name>                            whether it is allowed
//   S <principal> <host> <operation> <kind>                                   whether it is allowed somewhere
//   C <super users> <allow everyone if no acl is found>                       forgets all rules
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.SecurityUtils;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

public class Authorize {
  record Context(KafkaPrincipal principal, InetAddress clientAddress) implements AuthorizableRequestContext {
    public String listenerName() { return "SASL"; }
    public SecurityProtocol securityProtocol() { return SecurityProtocol.SASL_PLAINTEXT; }
    public int requestType() { return 0; }
    public int requestVersion() { return 0; }
    public String clientId() { return ""; }
    public int correlationId() { return 0; }
  }

  static StandardAuthorizer authorizer(String superUsers, String allowEveryone) {
    StandardAuthorizer made = new StandardAuthorizer();
    made.configure(Map.of("super.users", superUsers, "allow.everyone.if.no.acl.found", allowEveryone));
    made.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
    made.loadSnapshot(Map.of());
    made.completeInitialLoad();
    return made;
  }

  static Context context(String[] words) throws Exception {
    return new Context(SecurityUtils.parseKafkaPrincipal(words[1]), InetAddress.getByName(words[2]));
  }

  public static void main(String[] arguments) throws Exception {
    StandardAuthorizer authorizer = authorizer("", "false");
    StringBuilder answers = new StringBuilder();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "C" -> authorizer = authorizer(words[1], words[2]);
        case "A" -> authorizer.addAcl(Uuid.randomUuid(), new StandardAcl(ResourceType.fromString(words[1]), words[2],
            PatternType.fromString(words[3]), words[4], words[5], AclOperation.fromString(words[6]), AclPermissionType.fromString(words[7])));
        case "Q" -> {
          ResourcePattern resource = new ResourcePattern(ResourceType.fromString(words[4]), words[5], PatternType.LITERAL);
          Action action = new Action(AclOperation.fromString(words[3]), resource, 1, false, false);
          answers.append(authorizer.authorize(context(words), List.of(action)).get(0) == AuthorizationResult.ALLOWED).append('\n');
        }
        case "S" -> answers.append(authorizer.authorizeByResourceType(context(words), AclOperation.fromString(words[3]),
            ResourceType.fromString(words[4])) == AuthorizationResult.ALLOWED).append('\n');
        default -> throw new IllegalArgumentException(line);
      }
    }
    System.out.print(answers);
  }
}
